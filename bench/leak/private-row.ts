import type { DatasetRow } from '../../src/evaluation/dataset/dataset-row.ts'
import { isDesignator } from '../../src/guard/aliases/alias-words.ts'
import { findPatterns } from '../../src/guard/find-patterns.ts'
import { FormMatcher } from '../../src/guard/matching/form-matcher.ts'
import { allForms, type PrivateKind, type PrivateValue } from '../../src/guard/private-value.ts'
import { suggestValues } from '../../src/guard/suggest-values.ts'
import type { Profile } from '../../src/profiles/profile.ts'
import { runWhole } from '../../src/sliced-work.ts'

/** A row with what is private in it. */
export interface PrivateRow extends DatasetRow {
  /** Those that its user would declare. */
  readonly declared: readonly PrivateValue[]
  /** Those that the gateway finds by their pattern. */
  readonly patterns: readonly PrivateValue[]
}

const suggestedKinds: readonly PrivateKind[] = ['organisation', 'date']
const LEAST_NAME_LETTERS = 3

/**
 * The private values of a row: the name, with each of its words but titles; the location, with its first
 * part alone; of the facts, the organisations and dates that `costeer profiles check` suggests; and whatever
 * has a pattern in facts and past texts, such as addresses of e-mail.
 */
export function privateRow(row: DatasetRow): PrivateRow {
  const { name, facts, history } = row.profile
  const words = name
    .split(/\s+/)
    .filter((word) => word.length >= LEAST_NAME_LETTERS && !isDesignator(bare(word)))
  const person: PrivateValue = { kind: 'person', value: name, forms: words.length > 1 ? words : [] }
  const location = factOf(row.profile, 'Location')
  const city = location?.split(',')[0]?.trim()
  const place: PrivateValue[] =
    location === undefined
      ? []
      : [{ kind: 'place', value: location, forms: city === undefined || city === location ? [] : [city] }]
  const suggested = suggestValues({ name, texts: facts }, [person, ...place])
  const declared = [person, ...place, ...suggested.filter(({ kind }) => suggestedKinds.includes(kind))]
  const texts = [...facts, ...history.map(({ text }) => text)]
  return { ...row, declared, patterns: texts.flatMap((text) => runWhole(findPatterns(text))) }
}

/** A fact by what stands before its colon. */
export function factOf({ facts }: Profile, key: string): string | undefined {
  return facts.find((fact) => fact.startsWith(`${key}: `))?.slice(key.length + 2)
}

/**
 * The `count` rows that tell most of leaks: first those in whose own text a private value stands, then those
 * in whose past texts one does, then the rest.
 */
export function tellingRows(rows: readonly PrivateRow[], count: number): PrivateRow[] {
  const rank = ({ declared, reference, profile }: PrivateRow) => {
    const matcher = new FormMatcher(declared.flatMap(allForms))
    if (matcher.find(reference).length > 0) return 0
    return profile.history.some(({ text }) => matcher.find(text).length > 0) ? 1 : 2
  }
  const ranked = rows.map((row) => ({ row, rank: rank(row) }))
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ row }) => row)
}

/** Those of the values of which a form stands in one of the texts. */
export function valuesIn(values: readonly PrivateValue[], texts: readonly string[]): PrivateValue[] {
  return values.filter((value) => {
    const matcher = new FormMatcher(allForms(value))
    return texts.some((text) => matcher.find(text).length > 0)
  })
}

function bare(word: string): string {
  return word.replace(/[^\p{L}]/gu, '')
}
