import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** The folder of the lab's programs and models, as the benchmarks use it. */
export const lab = process.env.LAB ?? join(homedir(), '.cache', 'costeer-lab')

const llamaServerProgram = join(lab, 'llama.cpp/bin/llama-server')

export const llamaServerIsHere = existsSync(llamaServerProgram)

/** A llama-server over one GGUF file. */
export interface LlamaServer {
  readonly build: string
  readonly url: string
  /** The likeliest tokens after a prompt, with their natural log-probabilities. */
  top(prompt: Int32Array, count: number): Promise<readonly [number[], number[]]>
  tokenize(text: string): Promise<number[]>
  stop(): Promise<void>
}

const completionSchema = z.object({
  completion_probabilities: z.array(
    z.object({ top_logprobs: z.array(z.object({ id: z.number(), logprob: z.number() })) }),
  ),
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Keys and values in float32, so that what differs is the model's and not the cache's. */
export async function startLlamaServer(
  file: string,
  {
    forcedToken = 0,
    slots = 1,
    more = [],
  }: { readonly forcedToken?: number; readonly slots?: number; readonly more?: readonly string[] } = {},
): Promise<LlamaServer> {
  const port = await freePort()
  const place = ['-m', file, '--host', '127.0.0.1', '--port', String(port)]
  const cache = ['-c', '2048', '-np', String(slots), '-ctk', 'f32', '-ctv', 'f32', '-fa', 'off']
  const given = [...place, ...cache, '-t', '2', '--no-repack', '--no-webui', ...more]
  const child = spawn(llamaServerProgram, given, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8000)
    })
  // A run that is broken off must leave no server behind
  process.once('exit', () => child.kill())
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    const look = () => said.includes('listening on') && resolve()
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    void ended.then(() => reject(new Error(`llama-server ended before it listened:\n${said}`)))
  })
  const ask = async (path: string, body: object): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}${path}`
    const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`)
    return reply.json()
  }
  const props = await (await fetch(`http://127.0.0.1:${port}/props`)).json()
  return {
    url: `http://127.0.0.1:${port}`,
    build: z.object({ build_info: z.string() }).parse(props).build_info,
    async top(prompt, count) {
      // Forcing a harmless token keeps answers that would end at once; log-probabilities stay the same
      const wanted = { n_predict: 1, n_probs: count, logit_bias: [[forcedToken, 1000]], id_slot: 0 }
      const reply = completionSchema.parse(await ask('/completion', { prompt: [...prompt], ...wanted }))
      const top = reply.completion_probabilities[0]?.top_logprobs ?? []
      return [top.map(({ id }) => id), top.map(({ logprob }) => Number(logprob.toFixed(4)))]
    },
    async tokenize(text) {
      const body = { content: text, add_special: false, parse_special: false }
      return z.object({ tokens: z.array(z.number()) }).parse(await ask('/tokenize', body)).tokens
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}
