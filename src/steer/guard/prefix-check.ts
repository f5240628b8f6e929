import { unguarded } from '../../guard/public.ts'
import { runWhole, type SlicedWork } from '../../sliced-work.ts'
import type { TokenId } from '../token-id.ts'
import type { PublicTokens } from './public-tokens.ts'
import { beginReading, type Reader, type ReadTokens, readToken } from './read-token.ts'

/** So many are read at a time. */
const TOKENS = 64

/** Whether prefixes hold private forms. Most begin as the one before did, which is read no second time. */
export class PrefixCheck {
  readonly #reader: Reader
  #tokens: TokenId[] = []
  /** What was read by the end of each of the tokens. */
  #behind: { readonly read: ReadTokens; readonly atEnd: boolean; readonly found: boolean }[] = []

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** The prefix as one that the upstream may read; null where it holds a private form. */
  publicly(prefix: readonly TokenId[]): PublicTokens | null {
    return this.holdsPrivate(prefix) ? null : unguarded(prefix)
  }

  /** Another check that begins where this one is. */
  copy(): PrefixCheck {
    const other = new PrefixCheck(this.#reader)
    other.#tokens = [...this.#tokens]
    other.#behind = [...this.#behind]
    return other
  }

  holdsPrivate(prefix: readonly TokenId[]): boolean {
    return runWhole(this.reading(prefix))
  }

  /** The same for a long one. Nothing else may be checked before it is read. */
  *reading(prefix: readonly TokenId[]): SlicedWork<boolean> {
    let shared = 0
    const most = Math.min(prefix.length, this.#tokens.length)
    while (shared < most && prefix[shared] === this.#tokens[shared]) shared++
    this.#tokens.length = shared
    this.#behind.length = shared
    let { read, atEnd, found } = this.#behind.at(-1) ?? {
      read: beginReading(this.#reader),
      atEnd: false,
      found: false,
    }
    for (const token of prefix.slice(shared)) {
      const next = readToken(this.#reader, read, token)
      read = next.read
      found ||= next.found.length > 0
      atEnd = next.atEnd.length > 0
      this.#tokens.push(token)
      this.#behind.push({ read, atEnd, found })
      if (this.#behind.length % TOKENS === 0) yield
    }
    return found || atEnd
  }
}
