// Drafts: the tree of guesses, and how likely each is. This room owns what is learned about guesses during an
// answer. It must not know queries, or of the local model more than the guesses that it is given.

import type { Distribution } from '../../distribution.ts'
import type { Guess } from '../../local-pair.ts'
import { isGreedy, type Sampling } from '../../sampling/sampling.ts'
import { type TokenId, tokenId } from '../../token-id.ts'
import { Calibration } from './calibration.ts'
import type { DraftNode } from './draft-node.ts'
import { drawOdds } from './draw-odds.ts'
import { ExponentialAverage } from './exponential-average.ts'
import { NgramModel } from './ngram-model.ts'

/** Something is always left for tokens that nobody guessed. */
const MOST_MASS = 0.998
const UPSTREAM_GUESSES = 3
const NGRAM_GUESSES = 8
const CONTEXT = 3
/** Prompt tokens, from the end, whose n-grams are counted. */
const REMEMBERED_PROMPT = 4096
/** Weight of what a model thought likely, next to what was emitted. */
const THOUGHT_WEIGHT = 0.5
/** Weight of the newest token in the rates; about twenty tokens count. */
const RATE = 0.05
/** How fast past successes of a source are forgotten when sources disagree. */
const TRUST_DECAY = 0.9
const LEAST_PROBABILITY = 0.01

/**
 * Where the answer may go from a node, and how likely: learned during the answer from how
 * often the local model's guesses, the upstream's candidates and n-grams of the text came
 * true at the probability they claimed.
 */
export class GuessOdds {
  readonly #sampling: Sampling
  readonly #ofGuesses = new Calibration()
  readonly #ofUpstream = new Calibration()
  readonly #ofNgrams = new Calibration()
  readonly #ngrams = new NgramModel()
  readonly #greedyRight = new ExponentialAverage(RATE)
  readonly #guessRight = new ExponentialAverage(RATE)
  #trustInGuesses = 0
  #trustInUpstream = 0
  /** The last tokens of prompt and answer. */
  #context: TokenId[]

  constructor(prompt: readonly TokenId[], sampling: Sampling) {
    this.#sampling = sampling
    this.#context = []
    for (const token of prompt.slice(-REMEMBERED_PROMPT)) {
      this.#ngrams.count(this.#context, token, 1)
      this.#context = [...this.#context, token].slice(-CONTEXT)
    }
  }

  /** Probability that the token to be emitted is the upstream's own choice. */
  get greedyRate(): number {
    return this.#greedyRight.or(0.7)
  }

  /** Probability that the token to be emitted is the local model's first guess. */
  get guessRate(): number {
    return this.#guessRight.or(0.7)
  }

  /** The tokens that may follow at `node`, with calibrated probabilities that sum to less than 1. */
  following(node: DraftNode): readonly Guess[] {
    const { row, distribution } = node
    if (distribution !== null && row === 'ready') return this.#mixed(node, distribution)
    if (distribution !== null)
      return this.#calibrated(this.#ofUpstream, this.#upstreamGuesses(node, distribution))
    if (row === 'ready' && node.guesses.length > 0)
      return this.#calibrated(this.#ofGuesses, this.#localGuesses(node))
    node.ngramGuesses ??= this.#ngrams.guess(this.#contextOf(node), NGRAM_GUESSES)
    return this.#calibrated(this.#ofNgrams, node.ngramGuesses)
  }

  /** Learns from the emitted token; `root` has its row and its distribution. */
  learn(root: DraftNode, token: TokenId): void {
    const local = this.#localGuesses(root)
    this.#guessRight.add(local[0]?.token === token ? 1 : 0)
    this.#greedyRight.add(root.greedyToken === token ? 1 : 0)
    if (root.distribution !== null) {
      const upstream = this.#upstreamGuesses(root, root.distribution)
      this.#learnTrust(token, local, upstream)
      observeAll(this.#ofUpstream, upstream, token)
      this.#countThoughts(upstream)
    }
    observeAll(this.#ofGuesses, local, token)
    observeAll(this.#ofNgrams, root.ngramGuesses ?? [], token)
    this.#countThoughts(root.guesses)
    this.#ngrams.count(this.#context, token, 1)
    this.#context = [...this.#context, token].slice(-CONTEXT)
  }

  #localGuesses(node: DraftNode): readonly Guess[] {
    return drawOdds(node.guesses, this.#sampling, node.depth)
  }

  #upstreamGuesses(node: DraftNode, { ids, logprobs }: Distribution): readonly Guess[] {
    const best: Guess[] = []
    const count = isGreedy(this.#sampling) ? UPSTREAM_GUESSES : 4 * UPSTREAM_GUESSES
    for (let i = 0; i < Math.min(count, ids.length); i++) {
      best.push({ token: tokenId(ids[i] as number), probability: Math.exp(logprobs[i] as number) })
    }
    return drawOdds(best, this.#sampling, node.depth).slice(0, UPSTREAM_GUESSES)
  }

  #calibrated(calibration: Calibration, guesses: readonly Guess[]): Guess[] {
    const odds = guesses.map(({ token, probability }) => ({
      token,
      probability: calibration.probability(probability),
    }))
    const mass = odds.reduce((sum, { probability }) => sum + probability, 0)
    if (mass <= MOST_MASS) return odds
    return odds.map(({ token, probability }) => ({ token, probability: (probability / mass) * MOST_MASS }))
  }

  /** Both sources are known: each counts as much as its past success says. */
  #mixed(node: DraftNode, distribution: Distribution): Guess[] {
    const share = 1 / (1 + Math.exp(this.#trustInUpstream - this.#trustInGuesses))
    const mixed = new Map<TokenId, number>()
    const add = (guesses: readonly Guess[], weight: number) => {
      for (const { token, probability } of guesses) {
        mixed.set(token, (mixed.get(token) ?? 0) + weight * probability)
      }
    }
    add(this.#calibrated(this.#ofGuesses, this.#localGuesses(node)), share)
    add(this.#calibrated(this.#ofUpstream, this.#upstreamGuesses(node, distribution)), 1 - share)
    return Array.from(mixed, ([token, probability]) => ({ token, probability }))
  }

  #learnTrust(token: TokenId, local: readonly Guess[], upstream: readonly Guess[]): void {
    const success = (odds: readonly Guess[]) =>
      Math.log(Math.max(LEAST_PROBABILITY, odds.find((guess) => guess.token === token)?.probability ?? 0))
    this.#trustInGuesses =
      TRUST_DECAY * this.#trustInGuesses + success(this.#calibrated(this.#ofGuesses, local))
    this.#trustInUpstream =
      TRUST_DECAY * this.#trustInUpstream + success(this.#calibrated(this.#ofUpstream, upstream))
  }

  #countThoughts(guesses: readonly Guess[]): void {
    for (const { token, probability } of guesses) {
      this.#ngrams.count(this.#context, token, THOUGHT_WEIGHT * probability)
    }
  }

  #contextOf(node: DraftNode): TokenId[] {
    const context: TokenId[] = []
    for (let at = node; context.length < CONTEXT && at.parent !== null; at = at.parent) {
      context.unshift(at.token as TokenId)
    }
    const missing = CONTEXT - context.length
    return missing === 0 ? context : [...this.#context.slice(-missing), ...context]
  }
}

function observeAll(calibration: Calibration, guesses: readonly Guess[], token: TokenId): void {
  for (const guess of guesses) calibration.observe(guess.probability, guess.token === token)
}
