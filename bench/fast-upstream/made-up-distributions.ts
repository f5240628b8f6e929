import { tokenId } from '../../src/steer/token-id.ts'
import type { Vocabulary } from '../../src/steer/vocabulary.ts'

interface Candidate {
  readonly id: number
  readonly logprob: number
  /** With what llama.cpp tells besides. */
  readonly token?: string
  readonly bytes?: readonly number[]
}

const DISTRIBUTIONS = 256
const CANDIDATES = 100
const CANDIDATES_IN_FULL = 1000
/** The best candidate is mostly clear; each further one is less probable than the one before by a factor. */
const BEST = 0.6
const DECAY = 0.91

/**
 * Distributions over English words that end no answer. Which one follows a prefix depends
 * on its length and last tokens alone, so that the same prefix always gets the same answer.
 */
export class MadeUpDistributions {
  readonly #distributions: readonly (readonly Candidate[])[]

  constructor(vocabulary: Vocabulary, { inFull }: { readonly inFull: boolean }) {
    const words = wordTokens(vocabulary)
    const told = new Map(words.map((id) => [id, inFull ? textOf(id, vocabulary) : {}]))
    const count = inFull ? CANDIDATES_IN_FULL : CANDIDATES
    this.#distributions = Array.from({ length: DISTRIBUTIONS }, (_, page) =>
      Array.from({ length: count }, (_, rank) => {
        // Steps of a prime through the words never meet the same one twice here.
        const id = words[(page * 7919 + rank * 104_729) % words.length] ?? 0
        const logprob = Math.log(rank === 0 ? BEST : (1 - BEST) * (1 - DECAY) * DECAY ** (rank - 1))
        return { id, ...told.get(id), logprob }
      }),
    )
  }

  after(prefix: readonly number[]): readonly Candidate[] {
    let hash = prefix.length
    for (const id of prefix.slice(-3)) hash = Math.imul(hash ^ id, 0x9e3779b1) >>> 0
    return this.#distributions[(hash >>> 8) % DISTRIBUTIONS] ?? []
  }
}

function textOf(id: number, vocabulary: Vocabulary): Pick<Candidate, 'token' | 'bytes'> {
  const bytes = vocabulary.bytes(tokenId(id))
  return { token: new TextDecoder().decode(bytes), bytes: [...bytes] }
}

/** A prime number of tokens that read like " word". */
function wordTokens(vocabulary: Vocabulary): number[] {
  const decoder = new TextDecoder()
  const words: number[] = []
  for (let id = 0; id < vocabulary.size && words.length < WORDS; id++) {
    if (/^ [a-z]{2,}$/.test(decoder.decode(vocabulary.bytes(tokenId(id))))) words.push(id)
  }
  if (words.length < WORDS) throw new Error(`the vocabulary has only ${words.length} words`)
  return words
}

const WORDS = 4999
