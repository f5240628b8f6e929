import { setFlagsFromString } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { ask, type Seen, seen, send } from './client.ts'
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type StartedWorkers, startedWorkers } from './started-workers.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

/** Ways in which the inference worker comes to its end, while it works or waits for work. */
const ends = {
  'throws an error that nobody catches': (worker: Worker) => worker.postMessage(null),
  'runs out of memory': (worker: Worker) =>
    worker.postMessage({ type: 'unknown', filler: Array.from({ length: 100 }, () => 'x'.repeat(2 ** 20)) }),
} as const
const endNames = Object.keys(ends) as (keyof typeof ends)[]

const modes = [
  ['lookahead', {}],
  ['token by token', { costeer: { lookahead: 'off' } }],
] as const
const asked = { model: 'words', max_tokens: 12, temperature: 0 }

let home: TinyHome
let workers: StartedWorkers

beforeAll(async () => {
  // A worker of this process runs out of memory for real, and soon.
  setFlagsFromString('--max-old-space-size=40')
  workers = startedWorkers()
  home = await tinyHome()
})
afterAll(async () => {
  workers.stop()
  await home.remove()
})

describe.each([
  ['continue-unsteered', 'smollm2-135m'],
  ['fail', 'tiny'],
] as const)('on_failure: %s (%s)', (onFailure, model) => {
  let upstream: FaultyUpstream
  let gateway: AssembledGateway
  let whole: Seen
  /** Its first two tokens. */
  let begun: Seen

  beforeAll(async () => {
    const environment = model === 'tiny' ? home.environment : readEnvironment()
    upstream = await faultyUpstream(llamaCppProtocol(await wordModel(model, environment)))
    gateway = await assembledGateway(
      `local: { model: ${model}, on_failure: ${onFailure}, threads: 1 }
upstreams: { words: { kind: llama-cpp, url: "${upstream.url}", candidates: 20 } }
models: { catch_all: words }
steering: { strength: 1 }
`,
      { environment, upstreams: [upstream] },
    )
    whole = await ask(gateway.url, asked)
    begun = await ask(gateway.url, { ...asked, max_tokens: 2 })
  })
  afterEach(async () => {
    await upstream.heal()
    await gateway.settled()
    const steered = await gateway.metric('costeer_tokens_total')
    const next = await ask(gateway.url, asked)
    expect(next).toMatchObject({ status: 200, text: whole.text })
    expect(next.headers['x-costeer-steering']).toBe('on')
    expect(await gateway.metric('costeer_tokens_total')).toBe(steered + asked.max_tokens)
    expect(workers.running()).toHaveLength(1)
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })

  const endWorker = (name: keyof typeof ends) => {
    const [worker] = workers.running()
    if (worker === undefined) throw new Error('no worker runs')
    ends[name](worker)
    return new Promise((resolve) => worker.once('exit', resolve))
  }

  const expectEnd = (failed: Seen, stream: boolean) => {
    if (onFailure === 'continue-unsteered') {
      expect(failed).toMatchObject({ status: 200, error: null, done: true })
      expect(failed.text.length).toBeGreaterThan(0)
    } else {
      const status = stream && failed.text !== '' ? 200 : 500
      expect(failed).toMatchObject({ status, error: 'local_model_failed', done: false })
    }
  }

  describe.each(endNames)('a worker that %s', (name) => {
    // Running out of memory takes a while, and the larger model a while to load again.
    const isSlow = name === 'runs out of memory' && model !== 'tiny'

    test.each(isSlow ? modes.slice(0, 1) : modes)('in the middle of an answer: %s', async (_mode, how) => {
      // The upstream holds the answer at its third token until the worker is gone.
      upstream.begin({ type: 'stall' }, { promptTokens: whole.promptTokens ?? 0, afterTokens: 2, times: 1 })
      const stalled = upstream.stalled()
      const response = await send(gateway.url, { ...asked, ...how, stream: true }).response
      let onBegun = () => {}
      const hasBegun = new Promise<void>((resolve) => {
        onBegun = resolve
      })
      const reading = seen(response, { onText: (text) => text.length >= begun.text.length && onBegun() })
      await Promise.all([stalled, hasBegun])
      await endWorker(name)
      upstream.goOn()
      const failed = await reading
      expectEnd(failed, true)
      expect(failed.text.startsWith(begun.text)).toBe(true)
    })

    test.each(isSlow ? [true] : [false, true])('before the first token (stream: %s)', async (stream) => {
      const messages = [{ role: 'user', content: 'Once more, with feeling. '.repeat(15) }]
      const before = upstream.asked()
      const sent = send(gateway.url, { ...asked, messages, stream })
      while (upstream.asked() === before) await new Promise(setImmediate)
      await endWorker(name)
      expectEnd(await seen(await sent.response), stream)
    })

    test.skipIf(isSlow)('between two answers: the next one does not notice', async () => {
      await endWorker(name)
      expect(await ask(gateway.url, asked)).toMatchObject({ status: 200, text: whole.text })
    })
  })
})

describe('a model of this process as the upstream', () => {
  test('fails with its worker, whatever the answer, and works again with the next request', async () => {
    const gateway = await assembledGateway(
      `local: { model: tiny }
upstreams: { own: { kind: embedded, model: tiny } }
models: { catch_all: own }
`,
      { environment: home.environment },
    )
    // Without its end tokens it does not end by itself.
    const endTokens = [...(await wordModel('tiny', home.environment)).vocabulary.endTokens]
    const bias = Object.fromEntries(endTokens.map((token) => [token, -100]))
    const body = { ...asked, max_tokens: 2_000, logit_bias: bias }
    for (const how of [{}, { costeer: { profile: 'none' } }]) {
      const response = await send(gateway.url, { ...body, ...how, stream: true }).response
      await new Promise((resolve) => response.once('readable', resolve))
      const [worker] = workers.running()
      worker?.postMessage(null)
      expect(await seen(response)).toMatchObject({ status: 200, error: 'local_model_failed', done: false })
      await gateway.settled()
      expect(await ask(gateway.url, { ...asked, ...how })).toMatchObject({ status: 200, done: true })
    }
    // More listeners on one signal than Node takes for sound.
    for (const how of [{}, { costeer: { profile: 'none' } }])
      expect(await ask(gateway.url, { ...asked, ...how, n: 12, stream: true })).toMatchObject({ done: true })
    await gateway.settled()
    await gateway.close()
    expect(workers.running()).toHaveLength(0)
  })
})
