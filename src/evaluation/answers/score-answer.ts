import type { DatasetRow } from '../dataset/dataset-row.ts'
import { lostValues, wrongValues } from '../scores/damage.ts'
import { factShare } from '../scores/fact-share.ts'
import { foundMarkers, personMarkers } from '../scores/markers.ts'
import { repetition } from '../scores/repetition.ts'
import { rouge } from '../scores/rouge.ts'
import { styleDistance } from '../scores/style-distance.ts'
import type { AnswerRecord } from './answer-record.ts'

/** Every score of an answer, by name; null where the row does not call for it. */
export type AnswerScores = Readonly<Record<ScoreName, number | null>>

export type ScoreName = (typeof scoreNames)[number]

/** In the order in which tables show them. */
export const scoreNames = [
  'rouge1',
  'rouge2',
  'rougeL',
  'facts',
  'usedFacts',
  'greeting',
  'signOff',
  'name',
  'marked',
  'phrase',
  'wrongValues',
  'lostValues',
  'styleDistance',
  'repeatedShare',
  'mostRepeats',
  'tokens',
  'tokensPerSecond',
  'acceptance',
] as const

/** What each score means, for people. */
export const scoreTitles: Readonly<Record<ScoreName, string>> = {
  rouge1: 'ROUGE-1',
  rouge2: 'ROUGE-2',
  rougeL: 'ROUGE-L',
  facts: 'facts told',
  usedFacts: "facts told of the user's own",
  greeting: 'own greeting',
  signOff: 'own sign-off',
  name: 'own name',
  marked: 'one of these three',
  phrase: 'own phrase',
  wrongValues: 'values wrong',
  lostValues: 'values lost',
  styleDistance: 'style distance',
  repeatedShare: 'repeated 4-grams',
  mostRepeats: 'most of one 4-gram',
  tokens: 'tokens',
  tokensPerSecond: 'tokens/s',
  acceptance: 'guesses accepted',
}

/** Scores an answer to a row's request; `plain` is what the upstream itself answered, if it did. */
export function scoreAnswer(
  answer: AnswerRecord,
  row: DatasetRow,
  plain: AnswerRecord | undefined,
): AnswerScores {
  const { text, tokens, totalMs, firstTokenMs, acceptedGuesses, rejectedGuesses } = answer
  const { query: request, reference, profile } = row
  const texts = profile.history.map((entry) => entry.text)
  const hasReference = reference !== ''
  const facts = factShare(text, { profile, request, ...(hasReference && { reference }) })
  const markers = foundMarkers(text, personMarkers(profile), request)
  const repeated = repetition(text)
  const guesses = acceptedGuesses + rejectedGuesses
  const allowed = [profile.name, ...profile.facts, ...texts].join('\n')
  return {
    ...(hasReference ? rouge(text, reference) : { rouge1: null, rouge2: null, rougeL: null }),
    facts: facts.all,
    usedFacts: facts.used,
    greeting: asNumber(markers.greeting),
    signOff: asNumber(markers.signOff),
    name: asNumber(markers.name),
    marked: asNumber(anyOf([markers.greeting, markers.signOff, markers.name])),
    phrase: asNumber(markers.phrase),
    wrongValues: wrongValues(text, { request, allowed }).length,
    lostValues: plain === undefined ? null : lostValues(text, { request, other: plain.text }).length,
    styleDistance: texts.length === 0 ? null : styleDistance(text, texts).overall,
    repeatedShare: repeated.share,
    mostRepeats: repeated.most,
    tokens,
    tokensPerSecond: tokens < 2 ? null : ((tokens - 1) * 1000) / (totalMs - firstTokenMs),
    acceptance: guesses === 0 ? null : acceptedGuesses / guesses,
  }
}

/** Null where the task calls for none. */
function anyOf(found: readonly (boolean | null)[]): boolean | null {
  return found.every((one) => one === null) ? null : found.includes(true)
}

function asNumber(found: boolean | null): number | null {
  return found === null ? null : Number(found)
}
