import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { readEnvironment } from '../../../src/environment.ts'
import { type Asked, seen, send } from './client.ts'
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

let home: TinyHome
let folder: string
let upstream: FaultyUpstream
let running: ChildProcess | null = null

beforeAll(async () => {
  home = await tinyHome()
  folder = await mkdtemp(join(tmpdir(), 'costeer-shutdown-'))
  await mkdir(join(folder, 'profiles'))
  await writeFile(join(folder, 'profiles/ann.yaml'), 'id: ann\nname: Ann\nfacts:\n  - Ann keeps bees.\n')
  upstream = await faultyUpstream(llamaCppProtocol(await wordModel('tiny', home.environment)))
})
afterEach(async () => {
  running?.kill('SIGKILL')
  await upstream.heal()
  await vi.waitFor(() => expect(upstream.openReplies()).toBe(0))
})
afterAll(async () => {
  await upstream.close()
  await home.remove()
  await rm(folder, { recursive: true })
})

interface ServeOptions {
  readonly drainMs: number
  readonly model?: string
  readonly url?: string
  readonly costeerHome?: string
}

/** `costeer serve`, from the build. */
async function serve({
  drainMs,
  model = 'tiny',
  url = upstream.url,
  costeerHome = home.folder,
}: ServeOptions) {
  const config = join(folder, 'config.yaml')
  await writeFile(
    config,
    `server: { drain_ms: ${drainMs} }
local: { model: ${model} }
upstreams: { words: { kind: llama-cpp, url: "${url}", candidates: 20 } }
models: { catch_all: words }
steering: { strength: 1 }
profiles: { folder: profiles, default: ann }
`,
  )
  const main = new URL('../../../dist/main.js', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'serve', '--json', '-p', '0', '-c', config], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, COSTEER_HOME: costeerHome },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running = child
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return { child, exit, errors: () => errors }
}

async function ready(options: ServeOptions) {
  const { child, exit, errors } = await serve(options)
  const [line] = await Promise.race([
    once(child.stdout, 'data') as Promise<[Buffer]>,
    exit.then(([code]) => Promise.reject(new Error(`ended with ${code}: ${errors()}`))),
  ])
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(line.toString()))
  return { child, exit, errors, url }
}

const asked = { model: 'words', max_tokens: 6, temperature: 0 }
const ways = [
  {},
  { costeer: { lookahead: 'off' } },
  // The seed keeps it from the server's own chat route.
  { costeer: { profile: 'none', seed: 1 } },
  { tools: [{}] },
] as const

/** One request in each way, each in the middle of its stream. */
async function streams(url: string): Promise<Asked[]> {
  const whole = await seen(await send(url, asked).response)
  const sent: Asked[] = []
  for (const way of ways) {
    const promptTokens = 'tools' in way ? 0 : (whole.promptTokens ?? 0)
    upstream.begin({ type: 'stall' }, { promptTokens, afterTokens: 2 })
    const stalled = upstream.stalled()
    const one = send(url, { ...asked, ...way, stream: true })
    await stalled
    await one.response
    sent.push(one)
  }
  return sent
}

async function activeRequests(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  // Without the one that asks.
  return Number(/^http_server_active_requests (\d+)$/m.exec(metrics)?.[1]) - 1
}

function isListening(url: string) {
  return new Promise<boolean>((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

test('SIGTERM lets streams end, takes nothing new, and ends with exit code 0', async () => {
  const { child, exit, url } = await ready({ drainMs: 60_000 })
  const sent = await streams(url)
  child.kill('SIGTERM')
  await vi.waitFor(async () => expect(await isListening(url)).toBe(false), { interval: 10 })
  upstream.goOn()
  for (const one of sent) expect(await seen(await one.response)).toMatchObject({ error: null, done: true })
  expect(await exit).toEqual([0, null])
})

test('streams that outlive drain_ms end with an error, and so do answers without a first byte', async () => {
  const { child, exit, url, errors } = await ready({ drainMs: 300 })
  const sent = await streams(url)
  upstream.begin({ type: 'stall' })
  const whole = send(url, asked)
  await vi.waitFor(async () => expect(await activeRequests(url)).toBe(ways.length + 1))
  const before = performance.now()
  child.kill('SIGTERM')
  for (const one of sent)
    expect(await seen(await one.response)).toMatchObject({ error: 'shutting_down', done: false })
  expect(await seen(await whole.response)).toMatchObject({ status: 503, error: 'shutting_down' })
  expect(await exit).toEqual([0, null])
  expect(performance.now() - before).toBeLessThan(8_000)
  expect(errors()).not.toMatch(/^ {4}at |aborted/m)
})

test('a second SIGTERM ends at once', async () => {
  const { child, exit, url } = await ready({ drainMs: 60_000 })
  await streams(url)
  child.kill('SIGTERM')
  await vi.waitFor(async () => expect(await isListening(url)).toBe(false), { interval: 10 })
  child.kill('SIGTERM')
  expect(await exit).toEqual([null, 'SIGTERM'])
})

test('SIGTERM in the middle of a step of the local model ends with exit code 0', async () => {
  const { costeerHome } = readEnvironment()
  const model = 'smollm2-135m'
  const words = await faultyUpstream(llamaCppProtocol(await wordModel(model, readEnvironment())))
  const { child, exit, url, errors } = await ready({ drainMs: 0, model, url: words.url, costeerHome })
  const messages = [{ role: 'user', content: 'All of it, once more. '.repeat(300) }]
  const sent = send(url, { ...asked, messages, stream: true })
  // The upstream is asked when the local model begins to compute its prompts.
  const before = words.asked()
  await vi.waitFor(() => expect(words.asked()).toBeGreaterThan(before), { interval: 1 })
  child.kill('SIGTERM')
  expect(await exit, errors()).toEqual([0, null])
  sent.leave()
  await words.close()
})

test('SIGTERM while the gateway starts ends with exit code 0', async () => {
  upstream.begin({ type: 'stall' })
  const stalled = upstream.stalled()
  const { child, exit, errors } = await serve({ drainMs: 60_000 })
  await stalled
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
  expect(errors()).not.toContain('costeer:')
})
