import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const indexLine = z.object({
  id: z.string(),
  file: z.string(),
  /** Left out in older recordings. */
  strength: z.number().optional(),
  public_prompt_tokens: z.array(z.int()),
  steps: z.array(
    z.object({
      token: z.int(),
      n: z.int(),
      offset: z.int(),
      max_delta_rest: z.number(),
    }),
  ),
})

/** One step of a recorded answer. The arrays are parallel, by falling `upstream` log-probability (nats). */
export interface RecordedStep {
  /** The steered token. */
  readonly token: number
  readonly ids: Int32Array
  readonly upstream: Float64Array
  readonly without: Float64Array
  readonly delta: Float64Array
  /** The largest delta among the tokens that are not recorded. */
  readonly maxDeltaRest: number
}

export interface RecordedTrace {
  readonly id: string
  /** Undefined where the recording does not tell. */
  readonly strength: number | undefined
  readonly prompt: readonly number[]
  readonly steps: readonly RecordedStep[]
}

/** The answers of a traces folder: `index.jsonl` and one binary for each answer. */
export async function readTraces(folder: string): Promise<RecordedTrace[]> {
  const index = await readFile(join(folder, 'index.jsonl'), 'utf8')
  const lines = index.split('\n').filter((line) => line.trim() !== '')
  return Promise.all(
    lines.map(async (line) => {
      const answer = indexLine.parse(JSON.parse(line))
      const bytes = await readFile(join(folder, answer.file))
      return {
        id: answer.id,
        strength: answer.strength,
        prompt: answer.public_prompt_tokens,
        steps: answer.steps.map((step) => recordedStep(step, bytes)),
      }
    }),
  )
}

function recordedStep(step: z.infer<typeof indexLine>['steps'][number], bytes: Buffer): RecordedStep {
  const { n, offset } = step
  const floats = (column: number) =>
    Float64Array.from({ length: n }, (_, i) => bytes.readFloatLE(offset + 4 * (column * n + i)))
  const without = floats(2)
  return {
    token: step.token,
    ids: Int32Array.from({ length: n }, (_, i) => bytes.readInt32LE(offset + 4 * i)),
    upstream: floats(1),
    without,
    delta: floats(3).map((value, i) => value - (without[i] ?? 0)),
    maxDeltaRest: step.max_delta_rest,
  }
}
