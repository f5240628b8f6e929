import { inSlices } from '../../work-slices.ts'
import { words } from './words.ts'

export type Likeness = 'same' | 'similar'

/** Texts that share this part of their three-word sequences are nearly the same. */
const SIMILAR = 0.6
const SHINGLE_WORDS = 3
/** Of a sketch: the smallest hash in each of so many ranges (one-permutation MinHash). */
const BINS = 64
/** Bins that must agree for two texts to be compared: texts of 0.6 agree in one such group with 0.9. */
const BAND_BINS = 4

/** Texts so far, and whether a further one is among them, word for word or nearly. */
export class KnownTexts {
  readonly #same = new Set<string>()
  readonly #shingles: Uint32Array[] = []
  readonly #bands = new Map<number, number[]>()
  readonly #compares: boolean

  private constructor(compares: boolean) {
    this.#compares = compares
  }

  /** With `similar: false` only those that are word for word the same are found. */
  static async of(
    texts: readonly string[],
    { similar = true }: { readonly similar?: boolean } = {},
  ): Promise<KnownTexts> {
    const known = new KnownTexts(similar)
    await known.addAll(texts)
    return known
  }

  /** Adds texts in slices, each unless one like it is known by then, and says which are. */
  addAll(texts: readonly string[]): Promise<(Likeness | null)[]> {
    return inSlices(texts, (text) => this.#add(text))
  }

  #add(text: string): Likeness | null {
    const spaced = text.replace(/\s+/g, ' ').trim()
    if (this.#same.has(spaced)) return 'same'
    if (this.#compares) {
      const shingles = shinglesOf(text)
      const bands = bandsOf(shingles)
      if (this.#hasSimilar(shingles, bands)) return 'similar'
      const id = this.#shingles.push(shingles) - 1
      for (const band of bands) {
        const others = this.#bands.get(band)
        if (others === undefined) this.#bands.set(band, [id])
        else others.push(id)
      }
    }
    this.#same.add(spaced)
    return null
  }

  #hasSimilar(shingles: Uint32Array, bands: readonly number[]): boolean {
    const compared = new Set<number>()
    for (const band of bands) {
      for (const id of this.#bands.get(band) ?? []) {
        if (compared.has(id)) continue
        compared.add(id)
        if (jaccard(shingles, this.#shingles[id] as Uint32Array) >= SIMILAR) return true
      }
    }
    return false
  }
}

/** Hashes of all sequences of three words, sorted; of all words together in a text of fewer. */
function shinglesOf(text: string): Uint32Array {
  const hashes = Array.from(words(text), hashOf)
  const shingles = new Uint32Array(Math.max(1, hashes.length - SHINGLE_WORDS + 1))
  for (let start = 0; start < shingles.length; start++) {
    let shingle = 0
    const end = Math.min(hashes.length, start + SHINGLE_WORDS)
    for (let at = start; at < end; at++) shingle = mixed(shingle, hashes[at] as number)
    shingles[start] = shingle
  }
  shingles.sort()
  return shingles.filter((shingle, index) => index === 0 || shingle !== shingles[index - 1])
}

function bandsOf(shingles: Uint32Array): number[] {
  const sketch = new Float64Array(BINS).fill(Number.POSITIVE_INFINITY)
  for (const shingle of shingles) {
    const bin = shingle % BINS
    if (shingle < (sketch[bin] as number)) sketch[bin] = shingle
  }
  // A bin that nothing fell into takes what the next one has, as for any other text with the same shingles.
  for (let bin = BINS - 1, filled = lastFilled(sketch); bin >= 0; bin--) {
    if (sketch[bin] === Number.POSITIVE_INFINITY) sketch[bin] = filled
    else filled = sketch[bin] as number
  }
  const bands: number[] = []
  for (let start = 0; start < BINS; start += BAND_BINS) {
    let band = start
    for (const smallest of sketch.subarray(start, start + BAND_BINS)) band = mixed(band, smallest)
    bands.push(band)
  }
  return bands
}

/** What the last empty bins take: the first filled one's, as if the bins stood in a circle. */
function lastFilled(sketch: Float64Array): number {
  return sketch.find((smallest) => smallest !== Number.POSITIVE_INFINITY) ?? 0
}

/** The part that two sorted lists have in common. */
function jaccard(one: Uint32Array, other: Uint32Array): number {
  let shared = 0
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    const [left, right] = [one[a] as number, other[b] as number]
    if (left === right) shared += 1
    if (left <= right) a += 1
    if (right <= left) b += 1
  }
  return shared / (one.length + other.length - shared)
}

/** FNV-1a, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < word.length; index++) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Two hashes as one, each bit depending on all others. */
function mixed(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ other
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f)
  return (hash ^ (hash >>> 16)) >>> 0
}
