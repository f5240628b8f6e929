import { isDesignator, months } from './aliases/alias-words.ts'
import { FormMatcher } from './matching/form-matcher.ts'
import { allForms, isTellable, type PrivateKind, type PrivateValue } from './private-value.ts'

const CAPITALISED =
  /\p{Lu}[\p{L}\p{M}’'-]+(?: (?:(?:of|the|de|da|del|van|von|der) ){0,2}\p{Lu}[\p{L}\p{M}’'-]+)*/gu
const NUMBER = /(?<![\p{L}\d])\d[\d ,./-]{2,}\d(?![\p{L}\d])/gu
const ORGANISATION = /\b(?:University|College|School|Institute|Hospital|Ltd|Inc|Bank)\b/
const SENTENCE_START = /(?:^|[.!?:;]\s+|\n\s*)$/
const month = new RegExp(`\\b(?:${months.join('|')})\\b`, 'i')
const dates = new RegExp(
  `(?:\\b\\d{1,2}(?:st|nd|rd|th)? )?\\b(?:${months.join('|')})(?: \\d{1,2}(?!\\d))?,?(?: \\d{4})?`,
  'gi',
)

/**
 * What may be private beside `declared`: the owner's name, unless it is null, and names, numbers and dates in
 * `texts`, for people to confirm. What has a pattern is private anyway.
 */
export function suggestValues(
  { name, texts }: { readonly name: string | null; readonly texts: readonly string[] },
  declared: readonly PrivateValue[],
): PrivateValue[] {
  const own = name === null || !isTellable(name) ? [] : [ownerOf(name)]
  const known = new FormMatcher([...declared, ...own].flatMap(allForms))
  const suggested = new Map<string, PrivateValue>()
  const declaredForms = new FormMatcher(declared.flatMap(allForms))
  for (const owner of own) {
    if (declaredForms.find(owner.value).length === 0) suggested.set(owner.value, owner)
  }
  for (const text of texts) {
    const covered = known.find(text)
    const add = (kind: PrivateKind, { index, 0: value }: RegExpExecArray) => {
      const isCovered = covered.some(({ start, end }) => start < index + value.length && end > index)
      if (!isCovered && isTellable(value)) suggested.set(value, { kind, value, forms: [] })
      covered.push({ form: -1, start: index, end: index + value.length })
    }
    for (const match of text.matchAll(dates)) if (/\d/.test(match[0])) add('date', match)
    for (const match of text.matchAll(CAPITALISED)) {
      if (!isOrdinary(match[0], text.slice(0, match.index))) add(kindOf(match[0]), match)
    }
    for (const match of text.matchAll(NUMBER)) add('number', match)
  }
  return [...suggested.values()]
}

function ownerOf(name: string): PrivateValue {
  const words = name.split(/\s+/).filter(isTellable)
  return { kind: 'person', value: name, forms: words.length > 1 || words[0] !== name ? words : [] }
}

function kindOf(name: string): PrivateKind {
  return ORGANISATION.test(name) ? 'organisation' : 'other'
}

/** A single word at the beginning of a sentence is capitalised whatever it is. */
function isOrdinary(run: string, before: string): boolean {
  if (isDesignator(run) || month.test(run)) return true
  return !run.includes(' ') && SENTENCE_START.test(before)
}
