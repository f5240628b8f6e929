import { byteOfCharacter } from '../tokenizer-files/token-bytes.ts'
import type { BytePairTables } from './byte-pair-tables.ts'
import { mergeSymbols } from './merge-symbols.ts'

/** Longer strings may be views of the text that they were cut from, and would keep all of it in memory. */
const CACHED_LENGTH = 12
const MOST_CACHED = 20_000
/** Enough for all but hostile pieces; larger ones get a buffer of their own. */
const USUAL_BYTES = 4096

export interface BytePairEncoderOptions {
  readonly tables: BytePairTables
  /** Whether merging begins with the text's bytes, or with its characters. */
  readonly bytewise: boolean
  /** Called where the vocabulary has no token for a text, nor for unknown text. */
  readonly onUncovered: () => never
}

/** Encodes pieces of text, across whose borders nothing merges, by a BPE model. */
export class BytePairEncoder {
  readonly #options: BytePairEncoderOptions
  /** The symbol of each byte. */
  readonly #byteSymbols: Int32Array
  /** What short pieces became lately. */
  readonly #cache = new Map<string, readonly number[]>()
  readonly #longestWhole: number
  readonly #usualBytes = new Uint8Array(USUAL_BYTES)
  readonly #usualSymbols = new Int32Array(USUAL_BYTES)
  readonly #utf8 = new TextEncoder()

  constructor(options: BytePairEncoderOptions) {
    this.#options = options
    const { characters, whole } = options.tables
    this.#byteSymbols = new Int32Array(256)
    for (const [character, byte] of byteOfCharacter) {
      const codePoint = character.charCodeAt(0)
      this.#byteSymbols[byte] = characters.get(codePoint) ?? unlistedCharacter(codePoint)
    }
    this.#longestWhole = Math.max(0, ...Array.from(whole.keys(), (text) => text.length))
  }

  /** Appends the tokens of the pieces to `ids`, until these are more than `atMost`. */
  encode(pieces: Iterable<string>, ids: number[], atMost: number): void {
    const start = ids.length
    for (const piece of pieces) {
      if (ids.length > atMost) return
      if (piece.length > CACHED_LENGTH) this.#encodePiece(piece, ids, start)
      else for (const id of this.#cached(piece)) this.#push(id, ids, start)
    }
  }

  #cached(piece: string): readonly number[] {
    const known = this.#cache.get(piece)
    if (known !== undefined) return known
    if (this.#cache.size >= MOST_CACHED) this.#cache.clear()
    const ids: number[] = []
    this.#encodePiece(piece, ids, 0)
    this.#cache.set(piece, ids)
    return ids
  }

  #encodePiece(piece: string, ids: number[], start: number): void {
    const { tables } = this.#options
    if (piece.length <= this.#longestWhole) {
      const whole = tables.whole.get(piece.toWellFormed())
      if (whole !== undefined) {
        this.#push(whole, ids, start)
        return
      }
    }
    const symbols = this.#options.bytewise ? this.#symbolsOfBytes(piece) : this.#symbolsOfCharacters(piece)
    const left = mergeSymbols(symbols, symbols.length, tables.merges)
    for (let at = 0; at < left; at++) {
      const symbol = symbols[at] as number
      const id = symbol < 0 ? -1 : (tables.tokens[symbol] as number)
      if (id >= 0) this.#push(id, ids, start)
      else this.#pushUnlisted(textOf(symbol, tables), ids, start)
    }
  }

  #symbolsOfBytes(piece: string): Int32Array {
    const most = piece.length * 3
    const buffer = most <= USUAL_BYTES ? this.#usualBytes : new Uint8Array(most)
    const { written } = this.#utf8.encodeInto(piece, buffer)
    const symbols = this.#symbols(written)
    for (let at = 0; at < written; at++) symbols[at] = this.#byteSymbols[buffer[at] as number] as number
    return symbols
  }

  #symbolsOfCharacters(piece: string): Int32Array {
    const { characters } = this.#options.tables
    const symbols = this.#symbols(piece.length)
    let count = 0
    for (const character of piece) {
      const codePoint = character.codePointAt(0) as number
      symbols[count++] = characters.get(codePoint) ?? unlistedCharacter(codePoint)
    }
    return symbols.subarray(0, count)
  }

  #symbols(count: number): Int32Array {
    return count <= USUAL_BYTES ? this.#usualSymbols.subarray(0, count) : new Int32Array(count)
  }

  #pushUnlisted(text: string, ids: number[], start: number): void {
    const { byteTokens, unknown } = this.#options.tables
    if (byteTokens !== null) {
      const spelled = Array.from(this.#utf8.encode(text), (byte) => byteTokens[byte] as number)
      if (!spelled.includes(-1)) {
        for (const id of spelled) this.#push(id, ids, start)
        return
      }
    }
    if (unknown === -1) this.#options.onUncovered()
    if (unknown !== null) this.#push(unknown, ids, start)
  }

  #push(id: number, ids: number[], start: number): void {
    const { unknown, fusesUnknown } = this.#options.tables
    if (fusesUnknown && id === unknown && ids.length > start && ids[ids.length - 1] === id) return
    ids.push(id)
  }
}

/** A character that takes part in no merge and is no token, as a symbol. */
function unlistedCharacter(codePoint: number): number {
  return -1 - codePoint
}

function textOf(symbol: number, { unlisted }: BytePairTables): string {
  return symbol < 0 ? String.fromCodePoint(-1 - symbol) : (unlisted.get(symbol) as string)
}
