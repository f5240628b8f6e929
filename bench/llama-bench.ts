import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)

const replySchema = z.array(z.object({ n_depth: z.number(), avg_ns: z.number(), n_gen: z.number() }))

export interface LlamaBenchOptions {
  readonly program: string
  readonly model: string
  readonly threads: number
  readonly contexts: readonly number[]
}

/** Milliseconds that llama.cpp takes for a token of one stream, by the context before it. */
export const llamaBench = async (options: LlamaBenchOptions): Promise<ReadonlyMap<number, number>> => {
  const { program, model, threads, contexts } = options
  const parameters = ['-m', model, '-p', '0', '-n', '32', '-r', '3', '-t', String(threads), '-o', 'json']
  const { stdout } = await run(program, [...parameters, '-d', contexts.join(',')], { maxBuffer: 2 ** 24 })
  const results = replySchema.parse(JSON.parse(stdout))
  return new Map(results.map(({ n_depth, avg_ns, n_gen }) => [n_depth, avg_ns / n_gen / 1e6]))
}
