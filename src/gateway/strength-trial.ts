import { unguarded } from '../guard/public.ts'
import type { ModelText } from '../models/model-text.ts'
import type { Profile } from '../profiles/profile.ts'
import type { LocalContinuation } from '../steer/local-pair.ts'
import { tokenLikelihood } from '../steer/strength/token-likelihood.ts'
import type { TokenId } from '../steer/token-id.ts'
import type { SteerableUpstream } from './opening/steerable-upstream.ts'
import { publicConversation } from './prompts/public-conversation.ts'
import { steeredPrompts } from './prompts/steered-prompts.ts'

export interface StrengthTrialOptions {
  readonly strengths: readonly number[]
  /** Tokens of each text that count, from its beginning. */
  readonly maxTokens: number
  readonly signal: AbortSignal
}

/** A text that its author wrote, under the steered distribution. */
export interface TextLikelihood {
  /** For each token that was among the candidates: nats at each of the strengths. */
  readonly tokens: readonly Float64Array[]
  /** Tokens that were not, which no strength could have emitted. */
  readonly outside: number
}

/** Positions asked for at once. */
const CHUNK_TOKENS = 16

/**
 * How likely a profile makes each of its own past texts, when it does not hold that text: the texts are what
 * answers should have been. They are sent upstream as if they were answers. Rejects with GatewayError.
 */
export async function* strengthTrial(
  profile: Profile,
  { upstream, chatEncoding, pair, text, candidates }: SteerableUpstream,
  { local, strengths, maxTokens, signal }: StrengthTrialOptions & { readonly local: ModelText },
): AsyncGenerator<TextLikelihood, void, undefined> {
  for (const entry of profile.history) {
    const others = { ...profile, history: profile.history.filter((other) => other !== entry) }
    const content = entry.task ?? `Write this text: ${entry.title ?? 'a note'}`
    const conversation = publicConversation([{ role: 'user', content }])
    const prompt = await chatEncoding.encode(unguarded({ messages: conversation }), signal)
    const window = { ...local, contextTokens: pair.contextTokens, maxTokens }
    const prompts = steeredPrompts(conversation, others, window)
    const tokens = text.tokenizer.encode(entry.text).slice(0, maxTokens)
    const continuation = await pair.open({ ...prompts, strength: 0, signal })
    try {
      const ask = (prefixes: readonly (readonly TokenId[])[]) =>
        upstream.distributions({ prefixes: prefixes.map((one) => unguarded(one)), candidates, signal })
      yield await textLikelihood(tokens, { prompt, ask, continuation, strengths })
    } finally {
      continuation.close()
    }
  }
}

interface TextParts {
  readonly prompt: readonly TokenId[]
  readonly ask: (
    prefixes: readonly (readonly TokenId[])[],
  ) => ReturnType<SteerableUpstream['upstream']['distributions']>
  readonly continuation: LocalContinuation
  readonly strengths: readonly number[]
}

async function textLikelihood(
  text: readonly TokenId[],
  { prompt, ask, continuation, strengths }: TextParts,
): Promise<TextLikelihood> {
  const tokens: Float64Array[] = []
  let outside = 0
  let row = continuation.root
  for (let start = 0; start < text.length; start += CHUNK_TOKENS) {
    const chunk = text.slice(start, start + CHUNK_TOKENS)
    const [distributions, below] = await Promise.all([
      ask(chunk.map((_, index) => [...prompt, ...text.slice(0, start + index)])),
      continuation.feed(row, chunk),
    ])
    const rows = [row, ...below]
    for (const [index, distribution] of distributions.entries()) {
      const nats = tokenLikelihood(distribution, {
        row: rows[index] ?? row,
        token: chunk[index] as TokenId,
        strengths,
      })
      if (nats === null) outside++
      else tokens.push(nats)
    }
    row = below.at(-1) ?? row
    continuation.retain(row)
  }
  return { tokens, outside }
}
