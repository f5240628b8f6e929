import type { LogprobReport, TokenReport } from '../../../gateway/answer.ts'
import { LOWEST_LOGPROB } from '../wire/token-logprobs.ts'
import type { LegacyLogprobs } from './completion-response-schema.ts'

/** Turns the tokens of one choice, delta by delta, into the `logprobs` of the completions API. */
export class LegacyLogprobsWriter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #offset = 0

  write(tokens: readonly TokenReport[]): LegacyLogprobs {
    return {
      tokens: tokens.map(tokenText),
      token_logprobs: tokens.map(({ logprob }) => Math.max(logprob, LOWEST_LOGPROB)),
      top_logprobs: tokens.map(topLogprobs),
      text_offset: tokens.map(({ bytes }) => this.#advance(bytes)),
    }
  }

  /** Where the token begins: behind the characters that are complete before it. */
  #advance(bytes: Uint8Array): number {
    const start = this.#offset
    this.#offset += Array.from(this.#decoder.decode(bytes, { stream: true })).length
    return start
  }
}

/** By text; of several tokens with the same text the likeliest counts. */
function topLogprobs(report: TokenReport): Record<string, number> {
  const byText = new Map<string, number>()
  for (const token of [...report.alternatives, report]) {
    const text = tokenText(token)
    byText.set(text, Math.max(byText.get(text) ?? LOWEST_LOGPROB, token.logprob))
  }
  return Object.fromEntries(byText)
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function tokenText({ bytes }: LogprobReport): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return `bytes:${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`
  }
}
