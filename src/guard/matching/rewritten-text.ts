import type { SlicedWork } from '../../sliced-work.ts'
import type { FormMatcher } from './form-matcher.ts'
import { decidedUpTo, type FormMatch, type MatchState } from './match-state.ts'
import { piecesOf } from './text-pieces.ts'

/** What stands in the place of a form that was written as `written`. */
export type Replacement = (form: number, written: string) => string

/**
 * Replaces forms in a text that comes in pieces. Only what may yet become a form is held back. Of forms that
 * overlap, the one that begins first counts, and of those the longest.
 */
export class RewrittenText {
  readonly #matcher: FormMatcher
  readonly #replacement: Replacement
  #state: MatchState
  #held = ''
  /** Where the held text begins. */
  #from = 0
  #matches: FormMatch[] = []

  constructor(matcher: FormMatcher, replacement: Replacement) {
    this.#matcher = matcher
    this.#replacement = replacement
    this.#state = matcher.start
  }

  /** Whether something is held back. */
  get isHolding(): boolean {
    return this.#held !== ''
  }

  /** Takes more text, in whole characters; returns what can be told now. */
  push(text: string): string {
    const { state, found } = this.#matcher.read(this.#state, text)
    this.#state = state
    this.#held += text
    this.#matches.push(...found)
    return this.#release(decidedUpTo(state))
  }

  /** The same for a longer text. */
  *pushing(text: string): SlicedWork<string> {
    let told = ''
    for (const piece of piecesOf(text)) {
      told += this.push(piece)
      yield
    }
    return told
  }

  /** Ends the text. */
  flush(): string {
    this.#matches.push(...this.#matcher.atEnd(this.#state))
    const told = this.#release(this.#state.length)
    this.#state = this.#matcher.start
    this.#from = 0
    return told
  }

  /** Tells what begins before `cut`. */
  #release(cut: number): string {
    const inOrder = this.#matches.sort((a, b) => a.start - b.start || b.end - a.end)
    const later: FormMatch[] = []
    let told = ''
    let at = this.#from
    for (const match of inOrder) {
      if (match.start < at) continue
      if (match.start >= cut) {
        later.push(match)
        continue
      }
      told += this.#between(at, match.start)
      told += this.#replacement(match.form, this.#between(match.start, match.end))
      at = match.end
    }
    const end = Math.max(at, cut)
    told += this.#between(at, end)
    this.#held = this.#held.slice(end - this.#from)
    this.#from = end
    this.#matches = later.filter(({ start }) => start >= end)
    return told
  }

  #between(start: number, end: number): string {
    return this.#held.slice(start - this.#from, end - this.#from)
  }
}

/** A whole text with its forms replaced. */
export function* rewritten(text: string, matcher: FormMatcher, replacement: Replacement): SlicedWork<string> {
  const stream = new RewrittenText(matcher, replacement)
  return (yield* stream.pushing(text)) + stream.flush()
}
