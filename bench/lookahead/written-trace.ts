import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the models said before one token of an answer. Log-probabilities are nats over the vocabulary. */
export interface SeenStep {
  /** The steered token. */
  readonly token: number
  /** [V] each, by token id. */
  readonly upstream: Float64Array
  readonly without: Float64Array
  readonly with: Float64Array
}

export interface WrittenAnswer {
  readonly id: string
  readonly text: string
  /** The upstream's prompt. */
  readonly prompt: readonly number[]
  /** Tokens of the `with` stream's prompt. */
  readonly privatePromptLength: number
  readonly strength: number
  readonly steps: readonly WrittenStep[]
}

/** What of a step is kept, as `index.jsonl` tells it and as the binary beside it holds it. */
export interface WrittenStep {
  readonly token: number
  readonly n: number
  readonly max_delta_rest: number
  readonly bytes: Buffer
}

const UPSTREAM_TOKENS = 512
const LOCAL_TOKENS = 64

/** Writes answers as a traces folder, in the form that `readTraces` reads. */
export async function writeTraces(folder: string, answers: readonly WrittenAnswer[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const lines: string[] = []
  for (const answer of answers) {
    const file = `${answer.id}.bin`
    let offset = 0
    const steps = answer.steps.map(({ bytes, ...told }) => {
      const step = { ...told, offset }
      offset += bytes.length
      return step
    })
    await writeFile(join(folder, file), Buffer.concat(answer.steps.map(({ bytes }) => bytes)))
    lines.push(
      JSON.stringify({
        id: answer.id,
        file,
        text: answer.text,
        strength: answer.strength,
        public_prompt_tokens: answer.prompt,
        private_prompt_length: answer.privatePromptLength,
        steps,
      }),
    )
  }
  await writeFile(join(folder, 'index.jsonl'), `${lines.join('\n')}\n`)
}

/** Keeps the upstream's likeliest tokens, and those that the local model would take, steered or not. */
export function writtenStep({ token, upstream, without, ...step }: SeenStep, strength: number): WrittenStep {
  const delta = upstream.map((_, id) => (step.with[id] as number) - (without[id] as number))
  const contrast = without.map((value, id) => value + strength * (delta[id] as number))
  const steered = upstream.map((value, id) => value + strength * (delta[id] as number))
  const recorded = new Set([token, ...largest(upstream, UPSTREAM_TOKENS)])
  for (const scores of [without, step.with, contrast, steered])
    for (const id of largest(scores, LOCAL_TOKENS)) recorded.add(id)
  const ids = [...recorded].sort((a, b) => (upstream[b] as number) - (upstream[a] as number))
  const rest = delta.reduce(
    (most, value, id) => (recorded.has(id) ? most : Math.max(most, value)),
    Number.NEGATIVE_INFINITY,
  )
  const bytes = Buffer.alloc(4 * 4 * ids.length)
  for (const [place, id] of ids.entries()) {
    bytes.writeInt32LE(id, 4 * place)
    for (const [column, values] of [upstream, without, step.with].entries())
      bytes.writeFloatLE(values[id] as number, 4 * ((column + 1) * ids.length + place))
  }
  return { token, n: ids.length, max_delta_rest: Number.isFinite(rest) ? rest : 0, bytes }
}

/** The tokens of the `count` largest values, and those that are as large as the last of them. */
function largest(values: Float64Array, count: number): number[] {
  const bound = values.toSorted().at(-count) ?? Number.NEGATIVE_INFINITY
  return [...values.keys()].filter((id) => (values[id] as number) >= bound)
}
