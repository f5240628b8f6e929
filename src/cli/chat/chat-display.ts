import type { AnswerReader, ChatAnswer } from './chat-answer.ts'

/** How an answer is shown while it comes. */
export interface AnswerDisplay extends AnswerReader {
  begin?(): void
  end(answer: ChatAnswer): void
}

/** How the answers of a conversation are shown. */
export interface ChatDisplay {
  answer(): AnswerDisplay
  /** An answer without and one with the profile, which is undefined where the gateway chooses it. */
  comparison(profile: string | undefined): ComparisonDisplay
}

export interface ComparisonDisplay {
  readonly unsteered: AnswerDisplay
  readonly steered: AnswerDisplay
  /** Whether both may come at the same time. */
  readonly atOnce: boolean
}

export const UNSTEERED_HEADING = 'without a profile'
export function steeredHeading(profile: string | undefined): string {
  return `with ${profile ?? "the caller's profile"}`
}

const silent: AnswerDisplay = { onText() {}, end() {} }

/** Shows nothing, for results that are printed as a whole. */
export const silentDisplay: ChatDisplay = {
  answer: () => silent,
  comparison: () => ({ unsteered: silent, steered: silent, atOnce: false }),
}
