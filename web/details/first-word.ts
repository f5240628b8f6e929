import type { Answer } from '../state/answer.ts'
import { wordCount } from '../word-count.ts'

/** What kept an answer's first word waiting. */
export interface FirstWord {
  /** From asking until the first word. */
  readonly afterMs: number
  /** Which of both models it waited for, and how long; null where that took no time worth a word. */
  readonly waited: { readonly for: 'profile' | 'large'; readonly ms: number } | null
  /** Words a second from then on; null for an answer of a few words. */
  readonly wordsPerSecond: number | null
}

/** Less is nothing that a reader waits for. */
const LEAST_MS = 50
/** Fewer words tell no pace. */
const LEAST_WORDS = 5

/**
 * Both models begin at once, and the first word comes when the slower one is done: the small one with reading
 * the profile, or the large one with the question. Null before there is a word.
 */
export function firstWord({
  firstTextMs,
  elapsedMs,
  reasoning,
  text,
  traces,
}: Pick<Answer, 'firstTextMs' | 'elapsedMs' | 'reasoning' | 'text' | 'traces'>): FirstWord | null {
  const [first] = traces
  if (firstTextMs === null || first === undefined) return null
  const words = wordCount(text)
  const streamedMs = elapsedMs - firstTextMs
  const wordsPerSecond = words < LEAST_WORDS || streamedMs <= 0 ? null : ((words - 1) * 1000) / streamedMs
  const { emittedMs, upstreamQuery } = first
  const isProfile = emittedMs - upstreamQuery.endMs >= LEAST_MS
  const ms = Math.min(firstTextMs, isProfile ? emittedMs : upstreamQuery.endMs - upstreamQuery.startMs)
  // Thoughts come first, of which the traces tell nothing.
  const isTold = ms >= LEAST_MS && reasoning === ''
  return {
    afterMs: firstTextMs,
    waited: isTold ? { for: isProfile ? 'profile' : 'large', ms } : null,
    wordsPerSecond,
  }
}
