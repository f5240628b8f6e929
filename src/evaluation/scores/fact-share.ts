import type { Profile } from '../../profiles/profile.ts'
import { functionWords } from '../../steer/text/function-words.ts'
import { textWords } from './text-words.ts'

/** How many of a profile's facts an answer tells, [0, 1]. */
export interface FactShare {
  /** Of all facts. */
  readonly all: number
  /** Of those that the user's own text tells; null where it tells none or there is no such text. */
  readonly used: number | null
}

/** Half of its own words tell a fact, where it has several. */
const TELLING_SHARE = 0.5
const STEM_LETTERS = 6

/**
 * A fact is told when at least half of its own words stand in the answer, and two of them at least where it
 * has that many. Its own words are those that are no function words and not in the request; words count as
 * the same by their first six letters, digits as they are. A fact of the file that lists several things
 * with semicolons is as many facts.
 */
export function factShare(
  answer: string,
  { profile, request, reference }: { profile: Profile; request: string; reference?: string },
): FactShare {
  const public_ = stems(request)
  const facts = [profile.name, ...profile.facts]
    .flatMap((fact) => fact.replace(/^[\p{L} ]{1,30}: */u, '').split(/;\s*/))
    .map((fact) => [...stems(fact)].filter((stem) => !public_.has(stem)))
    .filter((fact) => fact.length > 0)
  const told = (text: string) => {
    const words = stems(text)
    return new Set(facts.filter((fact) => isTold(fact, words)))
  }
  const own = told(answer)
  const used = reference === undefined ? new Set() : told(reference)
  return {
    all: facts.length === 0 ? 0 : own.size / facts.length,
    used: used.size === 0 ? null : [...used].filter((fact) => own.has(fact as string[])).length / used.size,
  }
}

function isTold(fact: readonly string[], words: ReadonlySet<string>): boolean {
  const found = fact.filter((stem) => words.has(stem)).length
  return found >= Math.min(2, fact.length) && found >= TELLING_SHARE * fact.length
}

function stems(text: string): Set<string> {
  const words = textWords(text).filter((word) => !functionWords.has(word))
  return new Set(words.map((word) => (/\d/.test(word) ? word : word.slice(0, STEM_LETTERS))))
}
