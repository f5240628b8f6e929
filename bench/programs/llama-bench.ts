import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)

const replySchema = z.array(
  z.object({ n_depth: z.number(), n_gen: z.number(), samples_ns: z.array(z.number()).min(1) }),
)

export interface LlamaBenchOptions {
  readonly program: string
  readonly model: string
  readonly threads: number
  readonly contexts: readonly number[]
  readonly repetitions: number
  readonly tokens: number
}

/**
 * Milliseconds that llama.cpp takes for a token of one stream in the best repetition, by
 * the context before it.
 */
export async function llamaBench(options: LlamaBenchOptions): Promise<ReadonlyMap<number, number>> {
  const { program, model, threads, contexts, repetitions, tokens } = options
  const numbers = { p: 0, n: tokens, r: repetitions, t: threads, d: contexts.join(',') }
  const parameters = Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)])
  const { stdout } = await run(program, ['-m', model, '-o', 'json', ...parameters], { maxBuffer: 2 ** 24 })
  const results = replySchema.parse(JSON.parse(stdout))
  return new Map(
    results.map(({ n_depth, samples_ns, n_gen }) => [n_depth, Math.min(...samples_ns) / n_gen / 1e6]),
  )
}
