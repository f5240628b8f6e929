import { repetition } from '../../../src/evaluation/scores/repetition.ts'
import { t } from '../../texts/texts.ts'
import { BARELY } from './advised-strength.ts'
import type { ProfilePart } from './profile-parts.ts'
import { longestRun } from './word-reasons.ts'

/** So many words of a past text in a row are no style any more. */
const RECITED_WORDS = 12
/** A run of four words that stands there as often as this goes round in circles. */
const CIRCLES = 3

/** How noticeable a profile is that changed so many words of an answer. */
export function effectWords(changed: number, words: number): string {
  const { effects } = t().controls
  const share = words === 0 ? 0 : changed / words
  if (changed === 0) return effects.none
  if (share < BARELY) return effects.barely
  if (share < 0.2) return effects.some
  if (share < 0.45) return effects.clear
  return effects.nearlyAll
}

/** What tells that a strength was too much for an answer; null where nothing does. */
export function overdone(answer: string, parts: readonly ProfilePart[]): string | null {
  if (repetition(answer).most >= CIRCLES) return t().controls.circles
  const run = longestRun(
    answer,
    parts.filter(({ kind }) => kind === 'text'),
  )
  return run < RECITED_WORDS ? null : t().controls.recites(run)
}
