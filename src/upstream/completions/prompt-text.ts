import { LRUCache } from 'lru-cache'
import { GatewayError } from '../../gateway-error.ts'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import { literalPattern } from '../../slm/tokenizer-files/literal-pattern.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

interface PromptTextOptions {
  readonly where: string
  readonly vocabulary: Vocabulary
  readonly tokenizer: Pick<Tokenizer, 'promptStart'>
  readonly controlTokens: ControlTokens
}

const CHECKED_HEADS = 64

/**
 * Writes token ids as the text that a server reads them from. The server may cut the text into other tokens
 * than these (its own, canonical ones), but never reads another text, or control tokens where there are none.
 */
export class PromptText {
  readonly #options: PromptTextOptions
  /** Whether the text up to its last control token is read back with the same control tokens. */
  readonly #heads = new LRUCache<string, boolean>({ max: CHECKED_HEADS })

  /** Matches control tokens as they are written; null for a model that has none. */
  readonly #written: RegExp | null

  constructor(options: PromptTextOptions) {
    this.#options = options
    const pattern = literalPattern(options.controlTokens.values())
    this.#written = pattern === '' ? null : new RegExp(pattern, 'g')
  }

  /** Whether these tokens end with a whole character, so that they can be sent as text. */
  isWhole(ids: readonly TokenId[]): boolean {
    // A character has at most four bytes, and only the tokens that hold them matter.
    return decoded(this.#tailBytes(ids)) !== null
  }

  /**
   * The text of a prompt, without the token that the server puts before every prompt. Throws GatewayError
   * `upstream_incapable` for tokens that no text becomes.
   */
  write(ids: readonly TokenId[]): string {
    const { controlTokens, tokenizer, where } = this.#options
    const start = tokenizer.promptStart
    const skip = start.length > 0 && start.every((id, at) => ids[at] === id) ? start.length : 0
    const sent = ids.slice(skip)
    const lastControl = sent.findLastIndex((id) => controlTokens.has(id))
    const head = this.#text(sent.slice(0, lastControl + 1))
    const tail = this.#text(sent.slice(lastControl + 1))
    if (head === null || tail === null) {
      throw incapable(where, 'cannot be asked for a token inside a character')
    }
    const control = lastControl === -1 ? '' : (controlTokens.get(sent[lastControl] as TokenId) ?? '')
    const tailControls = control === '' ? 0 : 1
    if (
      !this.#headIsSafe(head, sent.slice(0, lastControl + 1)) ||
      this.#controls(control + tail) !== tailControls
    ) {
      throw incapable(where, 'would take text that looks like a control token for one')
    }
    return head + tail
  }

  #headIsSafe(head: string, ids: readonly TokenId[]): boolean {
    const known = this.#heads.get(head)
    if (known !== undefined) return known
    const safe = this.#controls(head) === ids.filter((id) => this.#options.controlTokens.has(id)).length
    this.#heads.set(head, safe)
    return safe
  }

  /** Control tokens that the text becomes, beside the one that begins every prompt. */
  #controls(text: string): number {
    if (this.#written === null) return 0
    const { tokenizer, controlTokens } = this.#options
    const start = tokenizer.promptStart.map((id) => controlTokens.get(id)).join('')
    return (text.match(this.#written)?.length ?? 0) - (start !== '' && text.startsWith(start) ? 1 : 0)
  }

  #text(ids: readonly TokenId[]): string | null {
    const { controlTokens, vocabulary } = this.#options
    const encoder = new TextEncoder()
    const bytes = ids.map((id) => {
      const control = controlTokens.get(id)
      return control === undefined ? vocabulary.bytes(id) : encoder.encode(control)
    })
    return decoded(Buffer.concat(bytes))
  }

  #tailBytes(ids: readonly TokenId[]): Uint8Array {
    const { vocabulary } = this.#options
    const pieces: Uint8Array[] = []
    for (let at = ids.length - 1, bytes = 0; at >= 0 && bytes < 4; at--) {
      const piece = vocabulary.bytes(ids[at] as TokenId)
      pieces.unshift(piece)
      bytes += piece.length
    }
    const tail = Buffer.concat(pieces)
    const first = tail.findIndex((byte) => (byte & 0xc0) !== 0x80)
    return tail.subarray(Math.max(0, first))
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function incapable(where: string, what: string): GatewayError {
  return new GatewayError(
    'upstream_incapable',
    `${where} takes prompts as text only and ${what}. Use the server's own kind, such as vllm, llama-cpp or sglang.`,
  )
}
