import MiniSearch from 'minisearch'
import type { HistoryEntry, Profile } from '../profile.ts'

/** A past text with its position in the profile's history. */
export interface RankedEntry {
  readonly index: number
  readonly entry: HistoryEntry
}

interface IndexedText {
  readonly id: number
  readonly heading: string
  readonly text: string
}

// A pasted document as query costs time and tells no more than its beginning.
const MAX_QUERY_CHARS = 4000
const MAX_QUERY_WORDS = 100
/** A message with so many words says what it is about. */
const SOME_WORDS = 4
/** Characters of messages without words, of which there may be thousands. */
const MOST_LOOKED_AT = 8 * MAX_QUERY_CHARS
/** Comparing words that are alike takes time and memory in the square of their lengths. */
const MAX_TERM_CHARS = 64

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
const indexes = new WeakMap<Profile, MiniSearch<IndexedText>>()

/**
 * The past texts that suit a query best (BM25), best first, at most `limit`. Places that no match fills go to
 * the newest texts, since any of them shows the user's voice. The index is built once for each profile
 * object.
 */
export function retrieveHistory(
  profile: Profile,
  { query, limit }: { readonly query: string; readonly limit: number },
): RankedEntry[] {
  const scores = new Map(
    historyIndex(profile)
      .search(query, { tokenize: (text) => words(text.slice(0, MAX_QUERY_CHARS), MAX_QUERY_WORDS) })
      .map(({ id, score }): [unknown, number] => [id, score]),
  )
  const ranked = profile.history.map((entry, index) => ({ index, entry, score: scores.get(index) ?? 0 }))
  ranked.sort((a, b) => b.score - a.score || newestFirst(a.entry, b.entry) || a.index - b.index)
  return ranked.slice(0, limit).map(({ index, entry }) => ({ index, entry }))
}

/**
 * What to search the history for in a conversation: its first message of some length, so that the chosen
 * texts, and with them the cached prompt prefix, stay the same from turn to turn.
 */
export function historyQuery(userMessages: readonly string[]): string {
  let looked = 0
  for (const message of userMessages) {
    const beginning = message.slice(0, MAX_QUERY_CHARS)
    if (words(beginning, SOME_WORDS).length === SOME_WORDS) return message
    looked += beginning.length
    if (looked > MOST_LOOKED_AT) break
  }
  return userMessages.at(-1) ?? ''
}

function historyIndex(profile: Profile): MiniSearch<IndexedText> {
  const known = indexes.get(profile)
  if (known !== undefined) return known
  const index = new MiniSearch<IndexedText>({
    fields: ['heading', 'text'],
    tokenize: (text) => words(text),
    processTerm: foldTerm,
    searchOptions: {
      boost: { heading: 2 },
      // Stands in for stemming, which would need to know the language.
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.2 : false),
    },
  })
  index.addAll(
    profile.history.map(({ title, task, text }, id) => ({ id, heading: title ?? task ?? '', text })),
  )
  indexes.set(profile, index)
  return index
}

/** Words of any language: a segmenter also divides scripts that write without spaces. */
function words(text: string, most = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (found.length === most) break
    if (isWordLike === true) found.push(segment)
  }
  return found
}

function foldTerm(term: string): string {
  const folded = term.slice(0, MAX_TERM_CHARS).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  // A single character may stand for many.
  return folded.slice(0, MAX_TERM_CHARS)
}

function newestFirst(a: HistoryEntry, b: HistoryEntry): number {
  const [dateA, dateB] = [a.date ?? '', b.date ?? '']
  return dateA === dateB ? 0 : dateA < dateB ? 1 : -1
}
