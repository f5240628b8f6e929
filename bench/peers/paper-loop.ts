// This room owns the method as its paper's authors run it, in a Python process, for comparison. It must not
// know how the gateway decodes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { FtrlParameters } from '../../src/steer/strength/ftrl-strength.ts'
import type { TokenId } from '../../src/steer/token-id.ts'

const PROGRAM = 'bench/peers/paper_loop.py'

export interface PaperLoopOptions {
  /** A Python that has torch, transformers and gguf. */
  readonly python: string
  readonly threads: number
  /** GGUF files, whose weights transformers turns into float32. */
  readonly upstream: string
  readonly local: string
}

/** Prompts in the models' own tokens. */
export interface PaperTask {
  readonly public: readonly TokenId[]
  readonly with: readonly TokenId[]
  readonly without: readonly TokenId[]
  readonly maxTokens: number
  readonly endTokens: readonly TokenId[]
  readonly settings: FtrlParameters
}

const answerSchema = z.object({
  ids: z.array(z.number().int()),
  /** When each token was known, counted from the question, prompts included. */
  seconds: z.array(z.number()),
})
type PaperAnswer = z.infer<typeof answerSchema>

export interface PaperLoop {
  answer(task: PaperTask): Promise<PaperAnswer>
  stop(): Promise<void>
}

/** Loads both models into a Python process of their own. Rejects with its last words if it ends. */
export async function startPaperLoop(options: PaperLoopOptions): Promise<PaperLoop> {
  const { python, threads, upstream, local } = options
  const child = spawn(python, [PROGRAM, String(threads), upstream, local])
  const ended = once(child, 'exit')
  const lines = outputLines(child)
  await lines.next()
  return {
    async answer(task) {
      child.stdin.write(`${JSON.stringify(task)}\n`)
      return answerSchema.parse(JSON.parse(await lines.next()))
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

function outputLines(child: ChildProcess): { next(): Promise<string> } {
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk).slice(-2_000)
  })
  if (child.stdout === null) throw new Error('a Python without output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next() {
      const line = await lines.next()
      if (line.done === true) throw new Error(`${PROGRAM} has ended: ${lastWords}`)
      return line.value
    },
  }
}
