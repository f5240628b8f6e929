import { unguarded } from '../../src/guard/public.ts'
import { AnswerProgress } from '../../src/steer/channels/answer-progress.ts'
import type { DecodeOptions } from '../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../src/steer/decoding/decode-counters.ts'
import type { Distribution } from '../../src/steer/distribution.ts'
import type { DecodeGuard } from '../../src/steer/guard/decode-guard.ts'
import type { PublicTokens } from '../../src/steer/guard/public-tokens.ts'
import type { LocalContinuation, LocalRow } from '../../src/steer/local-pair.ts'
import { greedy } from '../../src/steer/sampling/sampling.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import type { ForcedStep } from './forced-steps.ts'
import { proposals, stepProbability } from './step-probability.ts'

/** A step of a text and how likely answers are to go on with it. */
export interface StepNats {
  readonly tokens: number
  readonly isValue: boolean
  /** Negative log-likelihood without the guard. */
  readonly off: number
  /** With it; null where the guard lets no answer go on so. */
  readonly on: number | null
}

export interface ForcedText {
  readonly steps: readonly ForcedStep[]
  /** The upstream's prompts, without the guard and with it. */
  readonly prompts: { readonly off: PublicTokens; readonly on: PublicTokens }
  readonly guard: DecodeGuard
  readonly local: LocalContinuation
  readonly strength: number
  /** K */
  readonly candidates: number
  readonly leastAlias: number
}

/** Without the guard the upstream reads the text itself; `guarded` is what the guard lets through. */
export interface ForcedUpstreams {
  readonly plain: Upstream
  readonly guarded: Upstream
}

/** Steps that the local pair reads at once. */
const CHUNK_STEPS = 16

/**
 * How likely answers at temperature 1 are to be a text, step by step, guard off and on. Both write the same
 * tokens, and the local pair reads the same.
 */
export async function textLikelihood(
  { plain, guarded }: ForcedUpstreams,
  { steps, prompts, guard, local, strength, candidates, leastAlias }: ForcedText,
): Promise<StepNats[]> {
  const { signal } = new AbortController()
  const asked = new Map<string, Distribution>()
  const ask = async (upstream: Upstream, prefix: PublicTokens) => {
    const key = prefix.join()
    const known =
      asked.get(key) ?? (await upstream.distributions({ prefixes: [prefix], candidates, signal }))[0]
    if (known === undefined) throw new RangeError('The upstream answered no prefix.')
    asked.set(key, known)
    return known
  }
  const written = steps.flatMap(({ tokens }) => tokens)
  const without: Distribution[] = []
  // One view after the other, so that a server goes on with what it has read
  for (const [at] of written.entries()) {
    without.push(await ask(plain, unguarded([...prompts.off, ...written.slice(0, at)])))
  }
  const options = decodeOptions({
    upstream: guarded,
    local,
    prompt: prompts.on,
    strength,
    candidates,
    signal,
  })
  const progress = new AnswerProgress(prompts.on, null, guard)
  const nats: StepNats[] = []
  let row = local.root
  for (let start = 0; start < steps.length; start += CHUNK_STEPS) {
    const chunk = steps.slice(start, start + CHUNK_STEPS)
    const below = await local.feed(
      row,
      chunk.flatMap(({ tokens }) => tokens),
    )
    const rows = [row, ...below]
    for (const step of chunk) {
      const place = { local, row: rows[0] as LocalRow }
      const off = step.tokens.map((token, at) => {
        const distribution = without[progress.position + at] as Distribution
        const { vocabulary } = plain
        return proposals(distribution, { row: rows[at] as LocalRow, strength, vocabulary })(token)
      })
      const distribution = await ask(guarded, progress.prefix)
      const on = await stepProbability({ options, guard, progress, distribution, place, leastAlias }, step)
      nats.push({
        tokens: step.tokens.length,
        isValue: step.isValue,
        off: off.reduce((sum, probability) => sum - Math.log(probability), 0),
        on: on > 0 ? -Math.log(on) : null,
      })
      for (const token of step.tokens) progress.take(token)
      rows.splice(0, step.tokens.length)
    }
    row = below.at(-1) ?? row
    local.retain(row)
  }
  return nats
}

function decodeOptions({
  strength,
  candidates,
  ...models
}: Pick<DecodeOptions, 'upstream' | 'local' | 'prompt' | 'signal'> & {
  strength: number
  candidates: number
}): DecodeOptions {
  return {
    ...models,
    steering: { strength, candidates, fidelity: 'top-k', gate: null, onLocalFailure: 'fail' },
    sampling: { ...greedy, temperature: 1 },
    alternatives: 0,
    endTokens: models.upstream.vocabulary.endTokens,
    channels: null,
    maxTokens: Number.POSITIVE_INFINITY,
    clock: performance,
    trace: false,
    counters: newDecodeCounters(),
  }
}
