import { unguarded } from '../../guard/public.ts'
import { runWhole, type SlicedWork } from '../../sliced-work.ts'
import type { TokenId } from '../token-id.ts'
import type { PublicTokens } from './public-tokens.ts'
import { beginReading, type Reader, type ReadTokens, readToken } from './read-token.ts'

/** So many are read at a time. */
const TOKENS = 64

/** What was read behind each of so many last tokens is kept, since queries mostly differ near their end. */
const RECENT = 256
/** Before them, behind one in so many: a long prompt takes as much less memory. */
const APART = 64

interface ReadPlace {
  /** How many tokens were read. */
  readonly at: number
  readonly read: ReadTokens
  readonly atEnd: boolean
  readonly found: boolean
}

/** Whether prefixes hold private forms. Most begin as the one before did, which is read no second time. */
export class PrefixCheck {
  readonly #reader: Reader
  /** The first `#length` of them; others have room. */
  #tokens = new Uint32Array(64)
  #length = 0
  /** In order; the last one is behind the last token. */
  #places: ReadPlace[]
  /** How many of the places were kept of those that are not recent. */
  #sparse = 0

  constructor(reader: Reader) {
    this.#reader = reader
    this.#places = [{ at: 0, read: beginReading(reader), atEnd: false, found: false }]
  }

  /** How many places are kept from which a prefix can be read on. */
  get places(): number {
    return this.#places.length
  }

  /** The prefix as one that the upstream may read; null where it holds a private form. */
  publicly(prefix: readonly TokenId[]): PublicTokens | null {
    return this.holdsPrivate(prefix) ? null : unguarded(prefix)
  }

  /** Another check that begins where this one is. */
  copy(): PrefixCheck {
    const other = new PrefixCheck(this.#reader)
    other.#tokens = this.#tokens.slice()
    other.#length = this.#length
    other.#places = this.#places.slice()
    other.#sparse = this.#sparse
    return other
  }

  holdsPrivate(prefix: readonly TokenId[]): boolean {
    return runWhole(this.reading(prefix))
  }

  /** The same for a long one. Nothing else may be checked before it is read. */
  *reading(prefix: readonly TokenId[]): SlicedWork<boolean> {
    let { at, read, atEnd, found } = this.#backTo(this.#sharedWith(prefix))
    for (; at < prefix.length; ) {
      const token = prefix[at] as TokenId
      const next = readToken(this.#reader, read, token)
      at++
      read = next.read
      found ||= next.found.length > 0
      atEnd = next.atEnd.length > 0
      this.#add(token)
      this.#places.push({ at, read, atEnd, found })
      if (this.#places.length - this.#sparse > 2 * RECENT) this.#thin()
      if (at % TOKENS === 0) yield
    }
    return found || atEnd
  }

  #add(token: TokenId): void {
    if (this.#length === this.#tokens.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#tokens)
      this.#tokens = larger
    }
    this.#tokens[this.#length++] = token
  }

  /** How many tokens are those of the prefix that was read last. */
  #sharedWith(prefix: readonly TokenId[]): number {
    const most = Math.min(prefix.length, this.#length)
    let shared = 0
    while (shared < most && prefix[shared] === this.#tokens[shared]) shared++
    return shared
  }

  /** The last place that is kept within the first `length` tokens; forgets what was read behind it. */
  #backTo(length: number): ReadPlace {
    while ((this.#places.at(-1) as ReadPlace).at > length) this.#places.pop()
    this.#sparse = Math.min(this.#sparse, this.#places.length)
    const place = this.#places.at(-1) as ReadPlace
    this.#length = place.at
    return place
  }

  /** Keeps fewer of the places that are not recent. */
  #thin(): void {
    const recent = this.#places.splice(this.#places.length - RECENT)
    const others = this.#places.splice(this.#sparse)
    this.#places.push(...others.filter(({ at }) => at % APART === 0))
    this.#sparse = this.#places.length
    this.#places.push(...recent)
  }
}
