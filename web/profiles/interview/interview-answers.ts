// This room owns the interview: a few short questions whose answers become lines of an ordinary profile.

import { isTellable, type PrivateValue } from '../../../src/guard/private-value.ts'
import { suggestValues } from '../../../src/guard/suggest-values.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { idFromName } from '../id-from-name.ts'
import { beginsWith, endsWith } from '../import/habits.ts'

/** What a person says of themselves, as they typed it; blank where they said nothing. */
export interface InterviewAnswers {
  readonly name: string
  readonly greeting: string
  readonly signOff: string
  /** Null for neither. */
  readonly length: 'short' | 'long' | null
  readonly tone: 'relaxed' | 'formal' | null
  /** With commas between them. */
  readonly phrases: string
  readonly work: string
  readonly place: string
  readonly people: string
  /** Those of `privateChoices` that were ticked, each by its value. */
  readonly chosenPrivate: ReadonlySet<string>
  /** A request answered in their own words. */
  readonly reply: string
}

export const noAnswers: InterviewAnswers = {
  name: '',
  greeting: '',
  signOff: '',
  length: null,
  tone: null,
  phrases: '',
  work: '',
  place: '',
  people: '',
  chosenPrivate: new Set(),
  reply: '',
}

/** The id of a name that has no letter of an id. */
const NAMELESS_ID = 'me'

/** In English, as the small model reads lines on style. */
const styles = {
  short: 'Writes short sentences, and few of them.',
  long: 'Writes long sentences, with every detail.',
  relaxed: 'Informal, as among friends.',
  formal: 'Formal and polite.',
} as const

/** What the answers tell that may be private: the name, and names, places and numbers of the facts. */
export function privateChoices({ name, work, place, people }: InterviewAnswers): readonly PrivateValue[] {
  const own = name.trim()
  const fields = [
    { kind: 'organisation', text: work },
    // A first word counts as well: it is capitalised since it is a name.
    { kind: 'place', text: `in ${place.trim()}` },
    { kind: 'person', text: `with ${people.trim()}` },
  ] as const
  const found: PrivateValue[] = []
  const add = ({ kind, value }: PrivateValue) => {
    if (isTellable(value)) found.push({ kind, value, forms: formsOf(kind, value) })
  }
  if (own !== '') add({ kind: 'person', value: own, forms: [] })
  for (const { kind, text } of fields) {
    for (const value of suggestValues({ name: null, texts: [text] }, found)) {
      add({ ...value, kind: value.kind === 'other' ? kind : value.kind })
    }
  }
  return found
}

/** A person is called by a part of their name, too. */
function formsOf(kind: PrivateValue['kind'], value: string): readonly string[] {
  if (kind !== 'person' || !value.includes(' ')) return []
  return value.split(/\s+/).filter((part) => /^\p{Lu}/u.test(part) && isTellable(part))
}

interface InterviewContext {
  /** The request that was answered, as a task line. */
  readonly task: string
  /** `2024-05-31`. */
  readonly date: string
}

/** A profile with what the answers tell beside what it has; nothing of it is lost or there twice. */
export function withAnswers(
  profile: Profile,
  answers: InterviewAnswers,
  { task, date }: InterviewContext,
): Profile {
  const name = answers.name.trim()
  const isIdOwn = profile.id !== '' && profile.id !== idFromName(profile.name)
  const text = answers.reply.trim()
  const isKnown = text === '' || profile.history.some((entry) => entry.text.trim() === text)
  const declared = new Set(profile.private.map(({ value }) => value))
  const values = privateChoices(answers).filter(
    ({ value }) => answers.chosenPrivate.has(value) && !declared.has(value),
  )
  return {
    ...profile,
    ...(name === '' ? {} : { name, id: isIdOwn ? profile.id : idFromName(name) || NAMELESS_ID }),
    private: [...profile.private, ...values.map((value) => ({ ...value, forms: [...value.forms] }))],
    facts: together(profile.facts, factsOf(answers)),
    writing_style: together(profile.writing_style, styleOf(answers)),
    history: isKnown ? profile.history : [{ task, date, text }, ...profile.history],
  }
}

function factsOf({ work, place, people }: InterviewAnswers): readonly string[] {
  const fields = { Work: work, Home: place, People: people }
  return Object.entries(fields).flatMap(([label, said]) =>
    said.trim() === '' ? [] : [`${label}: ${sentence(said)}`],
  )
}

function styleOf({ greeting, signOff, length, tone, phrases }: InterviewAnswers): readonly string[] {
  const often = phrases
    .split(/[,;\n]/)
    .map(unquoted)
    .filter((phrase) => phrase !== '')
  const [begin, end] = [unquoted(greeting).replace(/[\s,!:–—-]+$/, ''), unquoted(signOff)]
  return [
    ...(begin === '' ? [] : [beginsWith(begin)]),
    ...(end === '' ? [] : [endsWith(end)]),
    ...(length === null ? [] : [styles[length]]),
    ...(tone === null ? [] : [styles[tone]]),
    ...(often.length === 0 ? [] : [`Often says ${often.map((phrase) => `"${phrase}"`).join(', ')}.`]),
  ]
}

function unquoted(text: string): string {
  return text
    .replace(/["“”„«»]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function sentence(text: string): string {
  const trimmed = text.replace(/\s+/g, ' ').trim()
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

function together(lines: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...lines.filter((line) => line.trim() !== ''), ...more])]
}
