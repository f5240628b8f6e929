// Tuning: which setting suits a pair of models and a person. This room owns that choice; it must not ask
// models.

import type { LikelihoodResult } from '../likelihood/likelihood-study.ts'
import { bootstrapMean, type Estimate } from '../statistics/paired-bootstrap.ts'

/** What can be tuned. */
export interface TunedSetting {
  /** Past texts in the private prompt. */
  readonly texts: number
  /** K */
  readonly candidates: number
  /** c */
  readonly strength: number
}

export interface TriedSetting extends TunedSetting {
  readonly result: Pick<LikelihoodResult, 'nats' | 'strict'>
}

export interface ChosenSetting {
  readonly chosen: TriedSetting
  /** The chosen setting against the one used until now, nats a token over the texts: negative is better. */
  readonly change: Estimate
  /** `clear` when the interval of the change excludes zero. */
  readonly verdict: 'clear' | 'unclear' | 'too-few-texts'
}

/**
 * A setting that costs more must gain as much, nats a token: no likelihood of a few texts tells less apart.
 */
const WORTHWHILE_GAIN = 0.005
/** Intervals over fewer texts mean nothing. */
const LEAST_TEXTS = 4

/**
 * The likeliest setting, or one of fewer texts, fewer candidates or less strength that is as likely within
 * `WORTHWHILE_GAIN`, compared with `current`, which is among the tried ones. Throws RangeError when nothing
 * was tried.
 */
export function chooseSetting(tried: readonly TriedSetting[], current: TunedSetting): ChosenSetting {
  const likeliest = Math.min(...tried.map(({ result }) => meanOf(result.nats)))
  const good = tried.filter(({ result }) => meanOf(result.nats) <= likeliest + WORTHWHILE_GAIN)
  const [chosen] = good.toSorted(
    (a, b) => a.texts - b.texts || a.candidates - b.candidates || a.strength - b.strength,
  )
  if (chosen === undefined) throw new RangeError('No setting was tried.')
  const now = tried.find(
    ({ texts, candidates, strength }) =>
      texts === current.texts && candidates === current.candidates && strength === current.strength,
  )
  const from = (now ?? chosen).result.nats
  const change = bootstrapMean(chosen.result.nats.map((nats, text) => nats - (from[text] as number)))
  const tellsApart = change.high < 0
  const isEnough = chosen.result.nats.length >= LEAST_TEXTS
  return { chosen, change, verdict: isEnough ? (tellsApart ? 'clear' : 'unclear') : 'too-few-texts' }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
