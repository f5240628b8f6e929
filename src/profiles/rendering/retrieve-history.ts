import type { HistoryEntry, Profile } from '../profile.ts'
import { historyIndex } from '../retrieval/indexed-history.ts'
import { newestFirst } from '../texts/newest-first.ts'
import { words } from '../texts/words.ts'

/** A past text with its position in the profile's history. */
export interface RankedEntry {
  readonly index: number
  readonly entry: HistoryEntry
}

// A pasted document as query costs time and tells no more than its beginning.
const MAX_QUERY_CHARS = 4000
const MAX_QUERY_WORDS = 100
/** A message with so many words says what it is about. */
const SOME_WORDS = 4
/** Characters of messages without words, of which there may be thousands. */
const MOST_LOOKED_AT = 8 * MAX_QUERY_CHARS

/**
 * The past texts that suit a query best (BM25), best first, at most `limit`. Places that no match fills go to
 * the newest texts, since any of them shows the user's voice. The index is built once for each profile
 * object; for a large one that takes seconds, unless `HistoryIndexes` has it ready.
 */
export function retrieveHistory(
  profile: Profile,
  { query, limit }: { readonly query: string; readonly limit: number },
): RankedEntry[] {
  const { history } = profile
  if (limit <= 0 || history.length === 0) return []
  const scores = historyIndex(profile).scores(beginningWords(query, MAX_QUERY_WORDS))
  const compare = (a: number, b: number) =>
    (scores[b] as number) - (scores[a] as number) ||
    newestFirst(history[a] as HistoryEntry, history[b] as HistoryEntry) ||
    a - b
  return best(history.length, { limit, compare }).map((index) => ({
    index,
    entry: history[index] as HistoryEntry,
  }))
}

/**
 * What to search the history for in a conversation: its first message of some length, so that the chosen
 * texts, and with them the cached prompt prefix, stay the same from turn to turn.
 */
export function historyQuery(userMessages: readonly string[]): string {
  let looked = 0
  for (const message of userMessages) {
    const beginning = message.slice(0, MAX_QUERY_CHARS)
    if (beginningWords(beginning, SOME_WORDS).length === SOME_WORDS) return message
    looked += beginning.length
    if (looked > MOST_LOOKED_AT) break
  }
  return userMessages.at(-1) ?? ''
}

/** The first of the numbers below `count` in the order of `compare`, without sorting them all. */
function best(
  count: number,
  { limit, compare }: { readonly limit: number; readonly compare: (a: number, b: number) => number },
): number[] {
  const chosen: number[] = []
  for (let candidate = 0; candidate < count; candidate++) {
    const last = chosen[limit - 1]
    if (last !== undefined && compare(last, candidate) <= 0) continue
    const place = chosen.findIndex((other) => compare(candidate, other) < 0)
    chosen.splice(place < 0 ? chosen.length : place, 0, candidate)
    chosen.length = Math.min(chosen.length, limit)
  }
  return chosen
}

function beginningWords(text: string, most: number): string[] {
  const found: string[] = []
  for (const word of words(text.slice(0, MAX_QUERY_CHARS))) {
    if (found.push(word) === most) break
  }
  return found
}
