import type { FtrlParameters } from '../../src/steer/strength/ftrl-strength.ts'

export function logSoftmax(logits: readonly number[]): number[] {
  const peak = Math.max(...logits)
  const logNormaliser = peak + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - peak), 0))
  return logits.map((value) => value - logNormaliser)
}

/** The published update, step by step, over whole vocabularies: the oracle for the closed form. */
export function ftrlLoop(
  { upstream, withProfile, without }: Record<'upstream' | 'withProfile' | 'without', readonly number[]>,
  { iterations, alpha, beta, lambda, eta }: FtrlParameters,
): number[] {
  const base = logSoftmax(upstream)
  const withLogprobs = logSoftmax(withProfile)
  const withoutLogprobs = logSoftmax(without)
  let player = base
  const accumulated = base.map(() => 0)
  for (let t = 1; t <= iterations; t++) {
    player = logSoftmax(
      player.map((value, v) => {
        const delta = (withLogprobs[v] ?? 0) - (withoutLogprobs[v] ?? 0)
        accumulated[v] = (accumulated[v] ?? 0) + alpha * (value - (base[v] ?? 0)) + beta * delta
        return (t * lambda * (base[v] ?? 0) + accumulated[v] + value / eta) / (t * lambda + 1 / eta)
      }),
    )
  }
  return player
}
