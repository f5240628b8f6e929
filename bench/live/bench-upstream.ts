import { access, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { freePort } from '../programs/free-port.ts'
import { type RunningProgram, startProgram } from '../programs/running-program.ts'
import type { UpstreamRecording } from './upstream-recording.ts'

/** A server that the bench measures against. */
export interface BenchUpstream {
  readonly url: string
  /** The name under which it serves its model. */
  readonly model: string
  stop(): Promise<void>
}

export interface LlamaServerOptions {
  /** The llama-server program; default: the lab's. */
  readonly program?: string | undefined
  /** The GGUF file; default: the lab's Qwen2.5-Coder 1.5B. */
  readonly model?: string | undefined
  readonly threads: number
  /** Answers that it computes side by side. */
  readonly slots: number
  /** Compute one token after the other, so that the same prefix is answered the same each time. */
  readonly steady?: boolean
}

function labFolder(): string {
  return process.env.LAB ?? join(homedir(), '.cache', 'costeer-lab')
}

/** Room for a prompt and its answer. */
const SLOT_TOKENS = 4096

/** Starts llama.cpp's server. */
export async function startLlamaServer(options: LlamaServerOptions): Promise<BenchUpstream> {
  const lab = labFolder()
  const program = options.program ?? join(lab, 'llama.cpp/bin/llama-server')
  const model = options.model ?? join(lab, 'models/Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf')
  for (const file of [program, model]) {
    await access(file).catch(() => {
      throw new Error(`${file} is not there. Give --llama-server and --upstream-model, or set LAB.`)
    })
  }
  const port = await freePort()
  const slots = ['-c', String(options.slots * SLOT_TOKENS), '-np', String(options.slots)]
  const parameters = ['-m', model, '--host', '127.0.0.1', '--port', String(port), ...slots]
  const threads = ['-t', String(options.threads), '-a', 'qwen2.5-coder-1.5b-instruct']
  const steady = options.steady === true ? ['-ub', '1'] : []
  const running = await startProgram(program, [...parameters, ...threads, ...steady], /listening on (\S+)/)
  return knownServer(`http://127.0.0.1:${port}`, () => running.stop())
}

/** A server that runs already and stays when the bench ends. */
export async function knownServer(url: string, stop = async () => {}): Promise<BenchUpstream> {
  const listing = z.object({ data: z.array(z.object({ id: z.string() })).min(1) })
  const model = listing.parse(await (await fetch(`${url}/v1/models`)).json()).data[0]?.id ?? ''
  return { url, model, stop }
}

/** A recorded server that computes nothing; see replay-server.ts. */
export async function startReplay(
  recording: UpstreamRecording,
  { folder, stepMs, promptMs }: { folder: string; stepMs: number; promptMs: number },
): Promise<BenchUpstream> {
  const file = join(folder, 'recording.json')
  await writeFile(file, JSON.stringify(recording))
  const program = fileURLToPath(new URL('./replay-server.js', import.meta.url))
  const parameters = [program, file, String(stepMs), String(promptMs)]
  const running: RunningProgram = await startProgram(process.execPath, parameters, /replaying at (\S+)/)
  return knownServer(running.announced, () => running.stop())
}
