import type { AnswerProgress } from '../channels/answer-progress.ts'
import { guessed } from '../guard/decide-unit.ts'
import type { LocalRow } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'

/** What goes on less likely than this behind its first token is not asked about further: it is no unit. */
export const LEAST_LIKELY = 0.01

/**
 * Whether a token may not come next: it would go on with a value that was decided against, or with the last
 * word of one that was emitted. The upstream makes such words of aliases, as `Marlowe` of `Marlow`; only the
 * local pair reads the value itself, so that it has to go on so.
 */
export function isClosedToken(
  token: TokenId,
  progress: Pick<AnswerProgress, 'isClosed' | 'lengthens'>,
  row: LocalRow,
): boolean {
  if (progress.isClosed(token)) return true
  return progress.lengthens(token) && guessed(row, token) < LEAST_LIKELY
}
