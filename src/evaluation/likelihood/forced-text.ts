import { unguarded } from '../../guard/public.ts'
import type { LogprobsQuery } from '../../slm/scorer/token-scorer.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'

/*
 * What models say at every position of a text that they are made to write (teacher forcing). It is asked
 * once; any strength, K up to the one asked for, and temperature are then computed from it without a model.
 */

/**
 * P positions, each with the upstream's K likeliest tokens. All log-probabilities are nats over the whole
 * vocabulary.
 */
export interface ForcedText {
  /** [P], the text. */
  readonly tokens: Int32Array
  /** K */
  readonly candidates: number
  /** [P * K], each position's by falling probability. */
  readonly ids: Int32Array
  /** [P * K] */
  readonly logprobs: Float32Array
  /** [P], of the text's own tokens, whether they are candidates or not. */
  readonly real: Float32Array
}

/** Another model's log-probabilities at the candidates of a `ForcedText`, and at its tokens. */
export interface ForcedView {
  /** [P * K] */
  readonly logprobs: Float32Array
  /** [P] */
  readonly real: Float32Array
}

export interface Forcing {
  readonly prompt: readonly TokenId[]
  readonly text: readonly TokenId[]
  readonly signal: AbortSignal
}

/** Positions asked for at once: all share their prefix, which a server computes once. */
const CHUNK_POSITIONS = 32

/**
 * Asks the upstream for its `candidates` likeliest tokens at each position of the text. Tokens of the text
 * that are not among them are asked for again with as many candidates as the upstream gives; where that
 * does not find them either, what is left is spread evenly over the rest of the vocabulary. Rejects as
 * `Upstream.distributions`.
 */
export async function forceUpstream(
  upstream: Pick<Upstream, 'distributions' | 'limits' | 'vocabulary'>,
  { prompt, text, candidates, signal }: Forcing & { readonly candidates: number },
): Promise<ForcedText> {
  const ids = new Int32Array(text.length * candidates)
  const logprobs = new Float32Array(text.length * candidates)
  const real = new Float32Array(text.length)
  for (let start = 0; start < text.length; start += CHUNK_POSITIONS) {
    const before = prefixesOf(prompt, text.slice(0, start + CHUNK_POSITIONS)).slice(start)
    // Whoever has texts rated has asked to send them
    const prefixes = before.map((prefix) => unguarded(prefix))
    const answers = await upstream.distributions({ prefixes, candidates, signal })
    for (const [index, answer] of answers.entries()) {
      const position = start + index
      ids.set(answer.ids, position * candidates)
      logprobs.set(answer.logprobs, position * candidates)
      const at = answer.ids.indexOf(text[position] as TokenId)
      const asked = { prefix: prefixes[index] as PublicTokens, token: text[position] as TokenId, signal }
      real[position] = answer.logprobs[at] ?? (await askRare(upstream, asked))
    }
  }
  return { tokens: Int32Array.from(text), candidates, ids, logprobs, real }
}

interface RareToken {
  readonly prefix: PublicTokens
  readonly token: TokenId
  readonly signal: AbortSignal
}

async function askRare(
  upstream: Pick<Upstream, 'distributions' | 'limits' | 'vocabulary'>,
  { prefix, token, signal }: RareToken,
): Promise<number> {
  const candidates = upstream.limits.maxCandidates
  const [answer] = await upstream.distributions({ prefixes: [prefix], candidates, signal })
  if (answer === undefined) throw new RangeError('The upstream answered no prefix.')
  const known = answer.logprobs[answer.ids.indexOf(token)]
  if (known !== undefined) return known
  const others = Math.max(1, upstream.vocabulary.size - answer.ids.length)
  return logMassOutside(answer.logprobs) - Math.log(others)
}

/** Asks a model of this machine for the same positions' tokens, after a prompt of its own. */
export async function forceLocal(
  scorer: { logprobs(query: LogprobsQuery): Promise<Float64Array[]> },
  { prompt, text, forced, signal }: Forcing & { readonly forced: ForcedText },
): Promise<ForcedView> {
  const { candidates } = forced
  const logprobs = new Float32Array(text.length * candidates)
  const real = new Float32Array(text.length)
  const ids = text.map((token, position) =>
    Int32Array.of(...forced.ids.subarray(position * candidates, (position + 1) * candidates), token),
  )
  const answers = await scorer.logprobs({ prefixes: prefixesOf(prompt, text), ids, signal })
  for (const [position, answer] of answers.entries()) {
    logprobs.set(answer.subarray(0, candidates), position * candidates)
    real[position] = answer[candidates] ?? Number.NEGATIVE_INFINITY
  }
  return { logprobs, real }
}

/** What stands before each token of the text. */
export function prefixesOf(prompt: readonly TokenId[], text: readonly TokenId[]): TokenId[][] {
  return text.map((_, position) => [...prompt, ...text.slice(0, position)])
}

/** Models compute in float32: probabilities may sum to this much too much. */
const LEAST_MASS = 1e-6

/** log(1 - the sum of the candidates' probabilities). */
export function logMassOutside(logprobs: Float32Array | Float64Array): number {
  let mass = 0
  for (let index = 0; index < logprobs.length; index++) mass += Math.exp(logprobs[index] as number)
  return Math.log(Math.max(LEAST_MASS, 1 - mass))
}
