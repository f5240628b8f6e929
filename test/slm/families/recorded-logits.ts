import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { logprobsOf } from '../../../src/slm/decoder/top-candidates.ts'
import { someTokens } from '../tiny-model.ts'

/** Longer than every window of the tiny families. */
export const familyTokens = someTokens(210)

/** After which of them distributions are recorded: within windows, at their borders, and far behind them. */
export const recordedPositions = [0, 23, 24, 63, 71, 72, 128, 209] as const

const recordingSchema = z.object({
  build: z.string(),
  /** After each recorded position llama.cpp's likeliest ids and their log-probabilities. */
  rows: z.array(z.tuple([z.array(z.number()), z.array(z.number())])).length(recordedPositions.length),
})

/** What llama.cpp's server said of a family's file. */
export type RecordedLogits = z.infer<typeof recordingSchema>

export function recordingOf(family: string): URL {
  return new URL(`../../fixtures/families/${family}.json`, import.meta.url)
}

export async function readRecording(family: string): Promise<RecordedLogits> {
  return parseRecording(await readFile(recordingOf(family), 'utf8'))
}

export function parseRecording(text: string): RecordedLogits {
  return recordingSchema.parse(JSON.parse(text))
}

/** How far our log-probabilities are from those recorded, on average. */
export function meanDifference(logits: readonly Float32Array[], { rows }: RecordedLogits): number {
  const differences = rows.flatMap(([ids, logprobs], at) => {
    const own = logprobsOf(logits[recordedPositions[at] ?? 0] as Float32Array, Int32Array.from(ids))
    return logprobs.map((logprob, rank) => Math.abs(logprob - (own.logprobs[rank] ?? Number.NaN)))
  })
  return differences.reduce((sum, difference) => sum + difference, 0) / differences.length
}
