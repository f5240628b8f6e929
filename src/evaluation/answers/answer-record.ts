import { z } from 'zod'

/** One line of a run's answers. */
export const answerRecordSchema = z.strictObject({
  /** The row's id. */
  row: z.string(),
  /** The system's name. */
  system: z.string(),
  text: z.string(),
  tokens: z.int().min(0),
  finishReason: z.enum(['stop', 'length']),
  /** From the request to its first token, and to its end. */
  firstTokenMs: z.number(),
  totalMs: z.number(),
  /** Guesses of lookahead that turned out right and wrong; both 0 without it. */
  acceptedGuesses: z.int().min(0),
  rejectedGuesses: z.int().min(0),
})

export type AnswerRecord = z.infer<typeof answerRecordSchema>
