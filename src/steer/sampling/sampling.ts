import type { ScoreAdjustments } from './score-adjustments.ts'

/** How a token is picked from the steered scores. */
export interface Sampling {
  /** At least 0; 0 is greedy. */
  readonly temperature: number
  /** (0, 1]: keep the smallest set of likeliest tokens that reaches this probability. */
  readonly topP: number
  /** Keep at most this many tokens; 0 means no limit. */
  readonly topK: number
  /** [0, 1]: keep tokens of at least this share of the likeliest one's probability. Default 0. */
  readonly minP?: number
  readonly adjustments?: ScoreAdjustments
  /** An integer; equal seeds give equal answers. */
  readonly seed: number
}

export const greedy: Sampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }

/** Whether the likeliest token is taken, whatever the other settings say. */
export function isGreedy({ temperature }: Pick<Sampling, 'temperature'>): boolean {
  return temperature === 0
}
