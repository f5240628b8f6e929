import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { AssembledImage } from './assembled-image.ts'
import { inContainer, runsAsRoot } from './container-user.ts'

export interface Gateway {
  readonly url: string
  readonly port: number
  /** Sends the signal to the gateway itself and waits for its end. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface StartOptions {
  /** Whether the cache is mounted read-only. */
  readonly readOnlyCache?: boolean
  /** Wait until it says this; default: until it is ready. */
  readonly until?: RegExp
}

const started = new Set<ChildProcess>()

/** Ends what a failed test left running. */
export async function killGateways(): Promise<void> {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) process.kill(await gatewayPid(child), 'SIGKILL')
  }
}

/** Starts the image's entry point with its default command. Rejects with all it said when it ends instead. */
export async function startGateway(
  image: AssembledImage,
  { readOnlyCache = false, until = /The gateway is ready/ }: StartOptions = {},
): Promise<Gateway> {
  const port = await freePort()
  const writable = readOnlyCache ? [image.temporary] : [image.temporary, image.cache]
  const [command = '', ...parameters] = inContainer(['node', join(image.app, 'dist/main.js'), 'serve'], {
    writable,
  })
  const child = spawn(command, parameters, {
    cwd: '/',
    env: { PATH: process.env.PATH, ...image.environment, COSTEER_PORT: String(port) },
  })
  started.add(child)
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (until.test(said)) resolve()
      })
    }
    ended.then(([code]) => reject(new Error(`The gateway ended with ${code}:\n${said}`)), reject)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop(name) {
      if (child.exitCode === null && child.signalCode === null) process.kill(await gatewayPid(child), name)
      const [code, signal] = await ended
      return { code, signal }
    },
  }
}

/** Runs the probe of the image against the gateway. */
export async function probeGateway(image: AssembledImage, gateway: Gateway, path: string) {
  const child = spawn('node', [join(image.app, 'deploy/probe.mjs'), path], {
    env: { PATH: process.env.PATH, ...image.environment, COSTEER_PORT: String(gateway.port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

/** The child of `unshare`, which in its own namespace is process 1; without root the process itself. */
async function gatewayPid({ pid }: ChildProcess): Promise<number> {
  if (pid === undefined) throw new Error('The gateway never ran.')
  if (!runsAsRoot) return pid
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim())
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
