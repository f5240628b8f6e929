import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { startProgram } from './running-program.ts'

export interface GatewayProcess {
  readonly pid: number
  /** Base address with /v1. */
  readonly url: string
  /** Values of the gateway's metrics by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

interface GatewayProcessOptions {
  readonly folder: string
  readonly logged?: boolean
}

/**
 * The gateway as users run it, in a process of its own; `folder` takes its configuration,
 * and its log if it is `logged`.
 */
export async function startGateway(
  config: object,
  { folder, logged = false }: GatewayProcessOptions,
): Promise<GatewayProcess> {
  const file = join(folder, 'config.yaml')
  await writeFile(file, stringify(config))
  const parameters = ['dist/main.js', 'serve', '-c', file]
  const ready = /Point OpenAI clients at (\S+)\/v1/
  const log = logged ? { logFile: join(folder, 'gateway.log') } : {}
  const { pid, announced, stop } = await startProgram(process.execPath, parameters, ready, log)
  return {
    pid,
    url: `${announced}/v1`,
    stop,
    async metrics() {
      const lines = (await (await fetch(`${announced}/metrics`)).text()).split('\n')
      return new Map(
        lines.flatMap((line) => {
          const match = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line)
          return match === null ? [] : [[match[1] ?? '', Number(match[2])] as const]
        }),
      )
    },
  }
}

/** A server that answers at once, on request with all that llama.cpp writes; see fast-upstream.ts. */
export async function startFastUpstream(
  model: string,
  {
    inFull = false,
    contextTokens = 8192,
  }: { readonly inFull?: boolean; readonly contextTokens?: number } = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const program = fileURLToPath(new URL('../fast-upstream.js', import.meta.url))
  const parameters = [program, model, `--window=${contextTokens}`, ...(inFull ? ['--in-full'] : [])]
  const { announced, stop } = await startProgram(process.execPath, parameters, /answering at (\S+)/)
  return { url: announced, stop }
}
