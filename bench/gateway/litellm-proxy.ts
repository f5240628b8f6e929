import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { freePort } from '../programs/free-port.ts'
import { type RunningProgram, startProgram } from '../programs/running-program.ts'

export const LITELLM_VERSION = '1.108.7'

/** It serves nobody without one. */
const KEY = 'sk-bench'
export const litellmHeaders = { authorization: `Bearer ${KEY}` }

/** Requests for `model` go to the server at `url` (without /v1). */
export interface LitellmRoute {
  /** The name that clients send. */
  readonly model: string
  /** What the server calls it. */
  readonly served: string
  readonly url: string
  /** Takes its configuration. */
  readonly folder: string
}

/** Starts LiteLLM's proxy as its package runs it, fetched into the cache folder the first time. */
export async function startLitellm(
  { model, served, url, folder }: LitellmRoute,
  writeLine: (line: string) => void,
): Promise<RunningProgram> {
  const home = join(homedir(), '.cache', 'costeer-bench', `litellm-${LITELLM_VERSION}`)
  const program = join(home, 'bin', 'litellm')
  if (!existsSync(program)) {
    writeLine(`Fetching litellm[proxy] ${LITELLM_VERSION} …`)
    const run = promisify(execFile)
    await mkdir(home, { recursive: true })
    await run('python3', ['-m', 'venv', home])
    const parameters = ['-m', 'pip', 'install', '--quiet', `litellm[proxy]==${LITELLM_VERSION}`]
    await run(join(home, 'bin', 'python'), parameters)
  }
  const config = join(folder, 'litellm.yaml')
  const parameters = { model: `openai/${served}`, api_base: `${url}/v1`, api_key: 'none' }
  await writeFile(
    config,
    stringify({
      model_list: [{ model_name: model, litellm_params: parameters }],
      litellm_settings: { telemetry: false },
    }),
  )
  const port = await freePort()
  const settings = ['--config', config, '--host', '127.0.0.1', '--port', String(port)]
  // Without a map of its own it asks the network for prices before it serves.
  const environment = { LITELLM_MASTER_KEY: KEY, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR' }
  const running = await startProgram(program, settings, /(Proxy initialized)/, { environment })
  const announced = `http://127.0.0.1:${port}`
  await whenServing(`${announced}/health/liveliness`)
  return { ...running, announced }
}

/** It says that it is there a moment before it is. */
async function whenServing(url: string): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 100) {
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return
    await sleep(100)
  }
  throw new Error(`LiteLLM does not answer at ${url}.`)
}
