import { type RankedEntry, retrieveHistory } from '../../profiles/rendering/retrieve-history.ts'

type Choose = typeof retrieveHistory

/**
 * Ways to choose past texts for a question, best first: `retrieveHistory` and those that it is compared
 * with.
 */
export const textChoices: Readonly<
  Record<'relevance' | 'variety' | 'file' | 'longest' | 'shortest', Choose>
> = {
  relevance: retrieveHistory,
  variety: variedHistory,
  file: byRank((_entry) => 0),
  longest: byRank(({ entry }) => -entry.text.length),
  shortest: byRank(({ entry }) => entry.text.length),
}

function byRank(rank: (entry: RankedEntry) => number): Choose {
  return (profile, { limit }) => {
    const entries = profile.history.map((entry, index) => ({ index, entry }))
    return entries.toSorted((a, b) => rank(a) - rank(b) || a.index - b.index).slice(0, limit)
  }
}

/**
 * The most relevant text, then each time the one that shares least words with those chosen (maximal
 * marginal relevance).
 */
function variedHistory(...[profile, { query, limit }]: Parameters<Choose>): RankedEntry[] {
  const rest = retrieveHistory(profile, { query, limit: profile.history.length })
  const words = new Map(rest.map(({ index, entry }) => [index, wordsOf(entry.text)]))
  const chosen: RankedEntry[] = []
  while (chosen.length < limit && rest.length > 0) {
    const overlaps = rest.map(({ index }) =>
      Math.max(0, ...chosen.map((other) => overlap(words.get(index), words.get(other.index)))),
    )
    const least = overlaps.indexOf(Math.min(...overlaps))
    chosen.push(...rest.splice(least, 1))
  }
  return chosen
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/\p{L}+/gu))
}

/** Jaccard similarity, [0, 1]. */
function overlap(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): number {
  const shared = [...a].filter((word) => b.has(word)).length
  return shared / Math.max(1, a.size + b.size - shared)
}
