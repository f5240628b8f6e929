import { isDesignator, months } from './aliases/alias-words.ts'
import { FormMatcher } from './matching/form-matcher.ts'
import { allForms, isTellable, type PrivateValue } from './private-value.ts'

const CAPITALISED =
  /\p{Lu}[\p{L}\p{M}’'-]+(?: (?:(?:of|the|de|da|del|van|von|der) ){0,2}\p{Lu}[\p{L}\p{M}’'-]+)*/gu
const NUMBER = /(?<![\p{L}\d])\d[\d ,./-]{2,}\d(?![\p{L}\d])/gu
const SENTENCE_START = /(?:^|[.!?:;]\s+|\n\s*)$/
const month = new RegExp(`\\b(?:${months.join('|')})\\b`, 'i')
const dates = new RegExp(
  `(?:\\d{1,2}(?:st|nd|rd|th)? )?(?:${months.join('|')})(?: \\d{1,2}(?!\\d))?,?(?: \\d{4})?`,
  'gi',
)

/**
 * What may be private beside `declared`: the owner's name, and names, numbers and dates in `texts`, for people
 * to confirm. What has a pattern is private anyway.
 */
export function suggestValues(
  { name, texts }: { readonly name: string; readonly texts: readonly string[] },
  declared: readonly PrivateValue[],
): PrivateValue[] {
  const own: PrivateValue = { kind: 'person', value: name, forms: name.includes(' ') ? name.split(/ +/) : [] }
  const known = new FormMatcher([...declared, own].flatMap(allForms))
  const suggested = new Map<string, PrivateValue>()
  if (new FormMatcher(declared.flatMap(allForms)).find(name).length === 0) suggested.set(name, own)
  const add = (kind: PrivateValue['kind'], value: string) => {
    if (!isTellable(value) || known.find(value).length > 0 || suggested.has(value)) return
    suggested.set(value, { kind, value, forms: [] })
  }
  for (const text of texts) {
    for (const [date] of text.matchAll(dates)) if (/\d/.test(date)) add('date', date.trim())
    for (const match of text.matchAll(CAPITALISED)) {
      const [run] = match
      if (isOrdinary(run, text.slice(0, match.index))) continue
      add(
        /\b(?:University|College|School|Institute|Hospital|Ltd|Inc|Bank)\b/.test(run)
          ? 'organisation'
          : 'other',
        run,
      )
    }
    for (const [number] of text.matchAll(NUMBER)) {
      if (![...suggested.keys()].some((value) => value.includes(number))) add('number', number)
    }
  }
  return [...suggested.values()]
}

/** A single word at the beginning of a sentence is capitalised whatever it is. */
function isOrdinary(run: string, before: string): boolean {
  if (isDesignator(run) || month.test(run)) return true
  return !run.includes(' ') && SENTENCE_START.test(before)
}
