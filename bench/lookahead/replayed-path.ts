import type { RecordedStep, RecordedTrace } from './recorded-trace.ts'

/** Added to the token ids of positions off the recorded path: plausible answers that never match anything. */
const ELSEWHERE = 1_000_000_000

/** The recorded token that one stands for, on the recorded path or off it. */
export function recordedToken(token: number): number {
  return token % ELSEWHERE
}

/** What a replayed model says at a position: recorded values, under other token ids off the recorded path. */
export interface ReplayedPosition {
  readonly step: RecordedStep
  /** Added to each token id. */
  readonly shift: number
}

/**
 * The position after `answer`. Off the recorded path it is the recorded step of the same
 * depth with unknown token ids: as confident as a right one and never right.
 */
export function replayedPosition({ steps }: RecordedTrace, answer: readonly number[]): ReplayedPosition {
  const onPath = answer.every((token, i) => token === steps[i]?.token)
  const step = steps[Math.min(answer.length, steps.length - 1)] as RecordedStep
  return { step, shift: onPath && answer.length < steps.length ? 0 : ELSEWHERE }
}
