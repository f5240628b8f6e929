import type { OpenMarkup } from './markup.ts'
import { type Between, type OpenMatch, withMatches } from './open-match.ts'

/** Where a form stands in a text, in UTF-16 units. */
export interface FormMatch {
  /** Index of the form. */
  readonly form: number
  readonly start: number
  readonly end: number
}

export interface AwaitingMatch extends FormMatch {
  readonly isPlural?: true
}

export interface OpenEscape {
  readonly written: string
  /** What was read before it, other escapes that are not whole among that. */
  readonly before: MatchState
}

/** How far a text was read. Immutable, so that texts with the same beginning share it. */
export interface MatchState {
  /** UTF-16 units read. */
  readonly length: number
  readonly open: readonly OpenMatch[]
  /** Whether a word may begin here. */
  readonly atBorder: boolean
  /** The last letter, and what stands behind it. */
  readonly last: string
  readonly between: Between
  /** Whole forms whose word may still go on. */
  readonly awaitingBorder: readonly AwaitingMatch[]
  /** What was open before markup that may still end. */
  readonly markup: OpenMarkup | null
  /** Characters that may say another one, such as `&uuml;`, and are not whole yet. */
  readonly escapes: readonly OpenEscape[]
}

export const noEscapes: readonly OpenEscape[] = []

/** How far a text was read where it says the same in two ways. */
export function bothWays(written: MatchState, said: MatchState): MatchState {
  const { last, between } = written.open.length === 0 ? said : written
  return {
    length: written.length,
    open: withMatches(written.open, said.open),
    atBorder: written.atBorder || said.atBorder,
    last,
    between,
    awaitingBorder: [...written.awaitingBorder, ...said.awaitingBorder],
    markup: written.markup ?? said.markup,
    escapes: [...written.escapes, ...said.escapes],
  }
}

/** The state in which an escape begins: forms end there in any case, and it is in so many others at most. */
export function nestedAtMost(state: MatchState, most: number): MatchState {
  if (state.escapes.length === 0 && state.awaitingBorder.length === 0) return state
  const outer = most === 1 ? noEscapes : state.escapes
  const escapes = outer.map(({ written, before }) => ({ written, before: nestedAtMost(before, most - 1) }))
  return { ...state, awaitingBorder: [], escapes }
}

/** Up to where it is known which forms stand in a text, whatever follows. */
export function decidedUpTo(state: MatchState): number {
  const { length, open, awaitingBorder, markup, escapes } = state
  const starts = [...open, ...awaitingBorder, ...(markup?.open ?? [])].map(({ start }) => start)
  return Math.min(length, ...starts, ...escapes.map(({ before }) => decidedUpTo(before)))
}
