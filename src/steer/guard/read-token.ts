import type { FormMatcher } from '../../guard/matching/form-matcher.ts'
import type { FormMatch, MatchState } from '../../guard/matching/match-state.ts'
import type { TokenId } from '../token-id.ts'
import type { Vocabulary } from '../vocabulary.ts'

/** How far tokens were read as text. Immutable, as the matcher's state is. */
export interface ReadTokens {
  readonly match: MatchState
  /** Bytes of a character that is not whole yet. */
  readonly pending: Uint8Array
}

export interface ReadToken {
  readonly read: ReadTokens
  /** The characters that the token made whole. */
  readonly text: string
  /** Private forms that stand in the text whatever follows. */
  readonly found: readonly FormMatch[]
  /** Those that stand there if it ends here. */
  readonly atEnd: readonly FormMatch[]
}

export type Reader = { readonly realForms: FormMatcher; readonly vocabulary: Vocabulary }

const nothing = new Uint8Array()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export function beginReading({ realForms }: Reader): ReadTokens {
  return { match: realForms.start, pending: nothing }
}

/** Reads one more token. Control tokens have no text: a form may go on behind one. */
export function readToken({ realForms, vocabulary }: Reader, before: ReadTokens, token: TokenId): ReadToken {
  const own = vocabulary.bytes(token)
  const bytes = before.pending.length === 0 ? own : Uint8Array.of(...before.pending, ...own)
  const whole = wholeCharacters(bytes)
  const text = decoder.decode(bytes.subarray(0, whole))
  const { state, found } = realForms.read(before.match, text)
  const pending = whole === bytes.length ? nothing : bytes.slice(whole)
  return { read: { match: state, pending }, text, found, atEnd: realForms.atEnd(state) }
}

/** How many of the bytes lie before a character that more bytes could make whole. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
