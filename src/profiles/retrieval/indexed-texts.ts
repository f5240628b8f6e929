// This room owns finding the past texts that suit a question: the index of their words, in memory and on
// disk, and the thread that builds it. It must not know what a prompt is.

import { words } from '../texts/words.ts'

/** A text to be found, by what it was written for and by what it says. */
export interface IndexedText {
  readonly heading: string
  readonly text: string
}

/** A word of the task says more of what a text is for than one of the text. */
const HEADING_WEIGHT = 2
/** BM25: how soon further occurrences count less, and how much a text's length does. */
const [SATURATION, LENGTH_SHARE] = [1.2, 0.7]
/** What a word counts that differs from the one asked for by its ending: `letters`, `letter`. */
const KIN_WEIGHT = 0.4
/** Shorter words have too many of the same beginning. */
const SHORTEST_STEM = 4
const LONGEST_ENDING = 3
const MOST_KIN = 24
/** A word of so many texts tells none from the others, and takes the longest to count. */
const COMMON_SHARE = 0.3
/** Among fewer, a common word may be all there is to go by. */
const FEW_TEXTS = 50

/** Numbers before the parts, each of 32 bits: how many texts, terms, occurrences and characters there are. */
const HEAD = 4
const BYTES = Uint32Array.BYTES_PER_ELEMENT

/**
 * The words of many texts, and where each occurs: one block of memory, which a thread can hand over and a
 * file can hold as it is. Terms are sorted, so that words of the same beginning stand together.
 */
export class IndexedTexts {
  /** Copy it, or keep it: nothing of it ever changes. */
  readonly buffer: ArrayBuffer
  readonly size: number
  readonly #lengths: Uint32Array
  readonly #termStarts: Uint32Array
  readonly #occurrenceStarts: Uint32Array
  readonly #texts: Uint32Array
  readonly #counts: Uint32Array
  readonly #characters: Uint16Array
  readonly #meanLength: number

  /** Takes a buffer that `build` made. */
  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer
    const [texts = 0, terms = 0, occurrences = 0, characters = 0] = new Uint32Array(buffer, 0, HEAD)
    let offset = HEAD * BYTES
    const part = (length: number) => {
      const taken = new Uint32Array(buffer, offset, length)
      offset += length * BYTES
      return taken
    }
    this.size = texts
    this.#lengths = part(texts)
    this.#termStarts = part(terms + 1)
    this.#occurrenceStarts = part(terms + 1)
    this.#texts = part(occurrences)
    this.#counts = part(occurrences)
    this.#characters = new Uint16Array(buffer, offset, characters)
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts)
  }

  static build(texts: readonly IndexedText[]): IndexedTexts {
    const occurrences = new Map<string, { readonly texts: number[]; readonly counts: number[] }>()
    const lengths = texts.map(({ heading, text }, id) => {
      const counts = new Map<string, number>()
      let length = 0
      for (const [part, weight] of [
        [heading, HEADING_WEIGHT],
        [text, 1],
      ] as const) {
        for (const word of words(part)) {
          counts.set(word, (counts.get(word) ?? 0) + weight)
          length += weight
        }
      }
      for (const [word, count] of counts) {
        const known = occurrences.get(word)
        if (known === undefined) occurrences.set(word, { texts: [id], counts: [count] })
        else {
          known.texts.push(id)
          known.counts.push(count)
        }
      }
      return length
    })
    return new IndexedTexts(packed(lengths, occurrences))
  }

  /** How well each text suits a query (BM25), 0 for those that share no word with it. */
  scores(query: Iterable<string>): Float64Array {
    const scores = new Float64Array(this.size)
    for (const word of new Set(query)) {
      for (const { term, weight } of this.#kin(word)) this.#addScores(scores, term, weight)
    }
    return scores
  }

  /** The term itself and those that differ by their ending. */
  #kin(word: string): { readonly term: number; readonly weight: number }[] {
    const at = this.#lowerBound(word)
    const isThere = this.#term(at) === word
    const kin = isThere ? [{ term: at, weight: 1 }] : []
    if (word.length < SHORTEST_STEM) return kin
    for (let term = isThere ? at + 1 : at; kin.length < MOST_KIN; term++) {
      const other = this.#term(term)
      if (other === null || !other.startsWith(word)) break
      if (other.length - word.length <= LONGEST_ENDING) kin.push({ term, weight: KIN_WEIGHT })
    }
    const shortest = Math.max(SHORTEST_STEM, word.length - LONGEST_ENDING)
    for (let length = word.length - 1; length >= shortest; length--) {
      const stem = word.slice(0, length)
      const term = this.#lowerBound(stem)
      if (this.#term(term) === stem) kin.push({ term, weight: KIN_WEIGHT })
    }
    return kin
  }

  #addScores(scores: Float64Array, term: number, weight: number): void {
    const start = this.#occurrenceStarts[term] as number
    const end = this.#occurrenceStarts[term + 1] as number
    const found = end - start
    if (this.size >= FEW_TEXTS && found > this.size * COMMON_SHARE) return
    const rarity = Math.log(1 + (this.size - found + 0.5) / (found + 0.5))
    for (let at = start; at < end; at++) {
      const text = this.#texts[at] as number
      const count = this.#counts[at] as number
      const length = (this.#lengths[text] as number) / this.#meanLength
      const share = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length)
      scores[text] = (scores[text] as number) + (weight * rarity * count * (SATURATION + 1)) / (count + share)
    }
  }

  /** The first term that is not before a word. */
  #lowerBound(word: string): number {
    let low = 0
    let high = this.#termStarts.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#term(middle) as string) < word) low = middle + 1
      else high = middle
    }
    return low
  }

  #term(index: number): string | null {
    const [start, end] = [this.#termStarts[index], this.#termStarts[index + 1]]
    if (start === undefined || end === undefined) return null
    return String.fromCharCode(...this.#characters.subarray(start, end))
  }
}

function packed(
  lengths: readonly number[],
  occurrences: ReadonlyMap<string, { readonly texts: readonly number[]; readonly counts: readonly number[] }>,
): ArrayBuffer {
  // By UTF-16 units, as `<` compares
  const terms = [...occurrences.keys()].sort((a, b) => (a < b ? -1 : 1))
  const lists = terms.map((term) => occurrences.get(term) ?? { texts: [], counts: [] })
  const termStarts = starts(terms.map((term) => term.length))
  const occurrenceStarts = starts(lists.map((list) => list.texts.length))
  const [count, characters] = [occurrenceStarts.at(-1) as number, termStarts.at(-1) as number]
  const before = HEAD + lengths.length + 2 * termStarts.length
  const buffer = new ArrayBuffer((before + 2 * count) * BYTES + characters * Uint16Array.BYTES_PER_ELEMENT)
  const numbers = new Uint32Array(buffer, 0, before + 2 * count)
  numbers.set([lengths.length, terms.length, count, characters])
  numbers.set(lengths, HEAD)
  numbers.set(termStarts, HEAD + lengths.length)
  numbers.set(occurrenceStarts, HEAD + lengths.length + termStarts.length)
  const units = new Uint16Array(buffer, numbers.byteLength, characters)
  for (const [index, term] of terms.entries()) {
    const { texts, counts } = lists[index] as (typeof lists)[number]
    const at = before + (occurrenceStarts[index] as number)
    numbers.set(texts, at)
    numbers.set(counts, at + count)
    for (let unit = 0; unit < term.length; unit++) {
      units[(termStarts[index] as number) + unit] = term.charCodeAt(unit)
    }
  }
  return buffer
}

/** Where each of several lists begins in one, and where the last ends. */
function starts(lengths: readonly number[]): Uint32Array {
  const begins = new Uint32Array(lengths.length + 1)
  for (const [index, length] of lengths.entries()) begins[index + 1] = (begins[index] as number) + length
  return begins
}
