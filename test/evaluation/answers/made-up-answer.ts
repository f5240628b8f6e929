import type { AnswerRecord } from '../../../src/evaluation/answers/answer-record.ts'

export function answerOf(row: string, system: string, changes: Partial<AnswerRecord> = {}): AnswerRecord {
  return {
    row,
    system,
    text: 'Dear Tom, the roof leaks.',
    tokens: 11,
    finishReason: 'stop',
    firstTokenMs: 100,
    totalMs: 1100,
    acceptedGuesses: 0,
    rejectedGuesses: 0,
    ...changes,
  }
}
