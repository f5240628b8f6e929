import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { importModel } from '../../../src/models/import.ts'
import { modelPaths } from '../../../src/models/model-folder.ts'
import type { ModelChoiceObject, ModelChoicesObject } from '../../../src/proxy/model-api/model-wire.ts'
import { type FakeHub, startFakeHub } from '../../models/fake-hub.ts'
import { type ServedGateway, servedGateway } from '../../proxy/app-under-test/served-gateway.ts'

const SHIPPED = 'smollm2-135m'
/** A model of the catalogue that only the hub has. */
const MISSING = 'smollm2-360m'

/** One that the catalogue does not have. */
const OWN = 'my-own'

const configuration = `upstreams:
  embedded: { kind: embedded }
models: { names: { costeer: embedded } }
profiles: { folder: ., default: ann }
`

/** A home that has the shipped model, of the files that are on this machine. */
function homeWithShippedModel(folder: string): string {
  const home = join(folder, 'home')
  const here = modelPaths(readEnvironment().costeerHome, SHIPPED).folder
  const there = modelPaths(home, SHIPPED).folder
  mkdirSync(there, { recursive: true })
  for (const name of readdirSync(here)) symlinkSync(join(here, name), join(there, name))
  return home
}

/** A request that has begun, and whose body is complete when the test says so. */
function slowRequest(url: string): { complete(): Promise<number | undefined> } {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], max_tokens: 2 })
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
  const sent = request(`${url}/v1/chat/completions`, { method: 'POST', headers })
  const replied = once(sent, 'response') as Promise<[IncomingMessage]>
  sent.write(body.slice(0, 10))
  return {
    async complete() {
      sent.end(body.slice(10))
      const [reply] = await replied
      reply.resume()
      await once(reply, 'end')
      return reply.statusCode
    },
  }
}

describe('models that are changed while the gateway answers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-choices-'))
  let hub: FakeHub
  let gateway: ServedGateway
  let client: OpenAI

  async function choices(path = '', body?: object): Promise<ModelChoicesObject> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const response = await fetch(
      `${gateway.url}/costeer/v1/models${path}`,
      body === undefined ? {} : { ...init, body: JSON.stringify(body) },
    )
    expect(response.ok, await response.clone().text()).toBe(true)
    return (await response.json()) as ModelChoicesObject
  }

  function serve(large: string | null, small: string | null) {
    return choices('/serve', { large, small } satisfies ModelChoiceObject)
  }

  /** The work once it is in one of these states. */
  async function work(...states: string[]) {
    const current = async () => (await choices()).work
    await expect.poll(async () => states.includes((await current())?.state ?? '')).toBe(true)
    return current()
  }

  async function answer(): Promise<string> {
    const { choices: said } = await client.chat.completions.create({
      model: 'costeer',
      messages: [{ role: 'user', content: 'Write about rain.' }],
      temperature: 0,
      max_tokens: 12,
    })
    return said[0]?.message.content ?? ''
  }

  beforeAll(async () => {
    hub = await startFakeHub(Buffer.alloc(4_000_000))
    writeFileSync(join(folder, 'config.yml'), configuration)
    writeFileSync(join(folder, 'ann.yaml'), 'id: ann\nname: Ann\nfacts: [Keeps bees.]\n')
    const home = homeWithShippedModel(folder)
    await importModel(modelPaths(home, SHIPPED).gguf, { home, name: OWN })
    gateway = await servedGateway(join(folder, 'config.yml'), {
      modelsFrom: {
        costeerHome: home,
        hubUrl: hub.url,
        hubCache: join(folder, 'no-cache'),
      },
    })
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.close()
    await hub?.close()
    rmSync(folder, { recursive: true })
  })

  test('are listed with their size, and with those that fit', async () => {
    const { now, configured, models } = await choices()
    expect(now).toMatchObject({ large: [SHIPPED], small: SHIPPED, embedded: true })
    expect(configured.fitting).toEqual(expect.arrayContaining([SHIPPED, MISSING]))
    const row = (name: string) => models.find((model) => model.name === name)
    expect(row(SHIPPED)).toMatchObject({ isHere: true, fileBytes: 98_362_432 })
    expect(row(MISSING)).toMatchObject({ isHere: false, fitting: [SHIPPED, MISSING] })
    expect(row('qwen2.5-coder-1.5b')?.fitting[0]).toBe('qwen2.5-coder-0.5b')
  })

  test('stay as they are when the download breaks off, and it is said why', async () => {
    hub.mood = { type: 'cut-after', bytes: 1_000_000 }
    const before = await answer()
    await serve(MISSING, SHIPPED)
    const failed = await work('failed', 'done')
    expect(failed).toMatchObject({ state: 'failed', choice: { large: MISSING, small: SHIPPED } })
    expect(failed?.message).toMatch(/could not be fetched[\s\S]*hub HuggingFaceTB/)
    expect((await choices()).now).toMatchObject({ large: [SHIPPED], choice: { large: null, small: null } })
    expect(await answer()).toBe(before)
  })

  test('are replaced without an answer being dropped, which ends with those that it began with', async () => {
    const stream = await client.chat.completions.create({
      model: 'costeer',
      messages: [{ role: 'user', content: 'Count from one to a hundred.' }],
      temperature: 0,
      max_tokens: 60,
      stream: true,
      logit_bias: { 2: -100 },
    })
    const pieces = stream[Symbol.asyncIterator]()
    await pieces.next()
    const late = slowRequest(gateway.url)
    await serve(SHIPPED, SHIPPED)
    await work('ending', 'failed')
    const { now, work: ending } = await choices()
    expect(ending?.state).toBe('ending')
    expect(now).toMatchObject({ large: [SHIPPED], choice: { large: SHIPPED, small: SHIPPED } })
    expect(await answer()).not.toBe('')
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['costeer', SHIPPED])
    let finish = null
    for (let next = await pieces.next(); !next.done; next = await pieces.next())
      finish = next.value.choices[0]?.finish_reason ?? finish
    expect(finish).toBe('length')
    expect((await choices()).work?.state).toBe('ending')
    expect(await late.complete()).toBe(200)
    expect(await work('done', 'failed')).toMatchObject({ state: 'done', message: null })
  })

  test('take what else is asked for only when they are at rest, and go back to the configured ones', async () => {
    await serve(null, null)
    const refused = await fetch(`${gateway.url}/costeer/v1/models/fetch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: MISSING }),
    })
    expect(refused.status).toBe(429)
    await work('done', 'failed')
    expect((await choices()).now).toMatchObject({ large: [SHIPPED], choice: { large: null, small: null } })
    expect(await answer()).not.toBe('')
  })

  test('may be such as the catalogue does not have, on both sides', async () => {
    const { models, configured } = await choices()
    const listed = models.find(({ name }) => name === OWN)
    expect(listed).toMatchObject({ isHere: true, licence: null, vocabulary: null, fitting: [OWN] })
    expect(listed?.parameters).toBe(models.find(({ name }) => name === SHIPPED)?.parameters)
    expect(configured.fitting.at(-1)).toBe(OWN)
    await serve(null, OWN)
    expect(await work('done', 'failed')).toMatchObject({ state: 'done', message: null })
    expect((await choices()).now).toMatchObject({ large: [SHIPPED], small: OWN })
    const before = await answer()
    await serve(OWN, OWN)
    expect(await work('done', 'failed')).toMatchObject({ state: 'done', message: null })
    expect((await choices()).now).toMatchObject({ large: [OWN], small: OWN })
    expect(await answer()).toBe(before)
  })

  test('that are no pair are refused at once', async () => {
    const response = await fetch(`${gateway.url}/costeer/v1/models/serve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ large: 'qwen2.5-coder-1.5b', small: SHIPPED }),
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('not known to have the same tokens')
  })
})
