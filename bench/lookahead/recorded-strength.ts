import { ftrlStrength, paperParameters } from '../../src/steer/strength/ftrl-strength.ts'
import type { RecordedStep, RecordedTrace } from './recorded-trace.ts'

/** beta of the settings that traces are usually recorded with: the paper's and a tuned one. */
const usualBetas = [1, 0.28]

/**
 * The steering strength c that traces were recorded with. Where they do not tell, each token bounds it,
 * because `upstream + c * delta` is largest there; of the values that reproduce the most tokens a usual one
 * is taken before another.
 */
export function recordedStrength(traces: readonly RecordedTrace[]): number {
  const [told] = traces
  if (told?.strength !== undefined) return told.strength
  const steps = traces.flatMap((trace) => trace.steps)
  const ranges = steps.map(strengthRange)
  const usual = usualBetas.map((beta) => ftrlStrength({ ...paperParameters, beta }))
  const others = ranges.flatMap(({ least, most }) => (Number.isFinite(most) ? [(least + most) / 2] : []))
  let best = { strength: usual[0] as number, reproduced: -1 }
  for (const strength of [...usual, ...others]) {
    const reproduced = ranges.filter(({ least, most }) => strength >= least && strength <= most).length
    if (reproduced > best.reproduced) best = { strength, reproduced }
  }
  return best.strength
}

/** The strengths at which the step's token beats every other recorded candidate. */
function strengthRange({ ids, upstream, delta, token }: RecordedStep): { least: number; most: number } {
  const chosen = ids.indexOf(token)
  let least = 0
  let most = Number.POSITIVE_INFINITY
  for (let i = 0; i < ids.length; i++) {
    const lead = (upstream[chosen] ?? 0) - (upstream[i] ?? 0)
    const gain = (delta[chosen] ?? 0) - (delta[i] ?? 0)
    if (gain > 0) least = Math.max(least, -lead / gain)
    else if (gain < 0) most = Math.min(most, -lead / gain)
    else if (lead < 0) return { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY }
  }
  return { least, most }
}
