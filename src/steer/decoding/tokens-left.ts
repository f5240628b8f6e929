import type { AnswerProgress } from '../channels/answer-progress.ts'
import type { DecodeOptions } from './decode.ts'

/**
 * How many tokens an answer may still get: as long as it may be, and as far as the upstream's window goes, in
 * which aliases may take more room than the values that the client reads. At most 0 where it is full.
 */
export function tokensLeft(
  { maxTokens, upstream }: Pick<DecodeOptions, 'maxTokens' | 'upstream'>,
  { position, publicLength }: Pick<AnswerProgress, 'position' | 'publicLength'>,
): number {
  return Math.min(maxTokens - position, upstream.limits.contextTokens - publicLength)
}
