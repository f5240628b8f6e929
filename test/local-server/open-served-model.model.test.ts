import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { localSchema, type ServedLocal } from '../../src/config/local-settings.ts'
import { readEnvironment } from '../../src/environment.ts'
import { openGateway } from '../../src/gateway/opening/open-gateway.ts'
import { openServedModel } from '../../src/local-server/open-served-model.ts'
import { pullModel } from '../../src/models/pull.ts'
import { type Engine, startEngine } from '../../src/slm/engine/engine.ts'
import type { Tokenizer } from '../../src/slm/text/tokenizer.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { openEmbedded } from '../../src/upstream/embedded.ts'
import { installedModel } from '../slm/installed-model.ts'
import {
  type LocalServerFake,
  type LocalServerFakeOptions,
  startLocalServerFake,
} from './local-server-fake.ts'

const MODEL = 'smollm2-135m'
const home = readEnvironment().costeerHome

let engine: Engine
let upstream: Upstream
let tokenizer: Tokenizer
let modelPath: string
let folder: string
const open: { close(): Promise<void> }[] = []

beforeAll(async () => {
  const { path } = await pullModel(MODEL, { environment: readEnvironment() })
  modelPath = path
  const model = await installedModel(MODEL)
  tokenizer = model.tokenizer
  engine = startEngine()
  upstream = await openEmbedded({ engine, model: MODEL, ...model })
  folder = await mkdtemp(join(tmpdir(), 'costeer-next-door-'))
}, 300_000)
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

async function fakeServer(options: Partial<LocalServerFakeOptions> = {}): Promise<LocalServerFake> {
  const fake = await startLocalServerFake({ upstream, tokenizer, modelPath, ...options })
  open.push(fake)
  return fake
}

function settings(url: string, more: object = {}): ServedLocal {
  return localSchema.parse({ kind: 'llama-cpp', url, ...more }) as ServedLocal
}

async function opened(local: ServedLocal, apiKey?: string) {
  const served = await openServedModel(local, { apiKey, home })
  open.push(served, served.text.background)
  return served
}

describe('opening a server as the local model', () => {
  test('takes tokens and template from the file that it says it runs', async () => {
    const fake = await fakeServer()
    const served = await opened(settings(fake.url))
    expect(served.name).toBe('next-door')
    const chat = [{ role: 'user', content: 'Hi' }] as const
    expect(served.text.tokenizer.encodeChat(chat)).toEqual(tokenizer.encodeChat(chat))
    expect(served.pair.passes).toEqual({ tokens: 1, guesses: true })
    expect(served.answersAtOnce).toBe(1)
  })

  test('takes them from the configured place where the server does not tell', async () => {
    const fake = await fakeServer({ modelPath: 'none' })
    await expect(opened(settings(fake.url))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('set local.tokenizer'),
    })
    expect((await opened(settings(fake.url, { tokenizer: MODEL }))).name).toBe('next-door')
  })

  test('says that a file which the server names cannot be read here', async () => {
    const fake = await fakeServer({ modelPath: '/nowhere/model.gguf' })
    await expect(opened(settings(fake.url))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('cannot be read here: set local.tokenizer'),
    })
  })

  test('refuses the tokens of another model', async () => {
    const fake = await fakeServer({ tokenizer: { ...tokenizer, encode: () => tokenizer.encode('x') } })
    await expect(opened(settings(fake.url))).rejects.toMatchObject({
      code: 'vocabulary_mismatch',
      message: expect.stringContaining('in local.tokenizer'),
    })
  })

  test('refuses a single slot, and slots that are emptied while another one computes', async () => {
    const single = await fakeServer({ slots: 1 })
    await expect(opened(settings(single.url))).rejects.toMatchObject({
      code: 'local_model_failed',
      message: expect.stringContaining('Start it with -np 2.'),
    })
    const forgetful = await fakeServer({ forgets: true })
    await expect(opened(settings(forgetful.url))).rejects.toMatchObject({
      code: 'local_model_failed',
      message: expect.stringContaining('Start it with -np 2 --cache-ram 0.'),
    })
  })

  test('finds out that going back takes the whole prompt', async () => {
    const fake = await fakeServer({ goesBack: false })
    expect((await opened(settings(fake.url))).pair.passes).toEqual({ tokens: 1, guesses: false })
  })

  test('names the server that is not there as the local model, with what to correct', async () => {
    const fake = await fakeServer()
    await fake.close()
    await expect(opened(settings(fake.url))).rejects.toMatchObject({
      code: 'local_model_failed',
      message: `The local model's server at ${fake.url} cannot be reached (ECONNREFUSED). Start it (llama-server -m MODEL.gguf --port ${new URL(fake.url).port} -np 2 -c 16384 --cache-ram 0), or correct its url.`,
    })
  })

  test('says which setting names the key that a server asks for', async () => {
    const fake = await fakeServer()
    fake.answers(() => ({ status: 401, json: { error: { message: 'Invalid API Key' } } }))
    await expect(opened(settings(fake.url), 'a-wrong-key')).rejects.toMatchObject({
      code: 'local_model_failed',
      message: expect.stringContaining('Check local.api_key_env or local.api_key_file.'),
    })
  })
})

describe('a gateway whose local model is served next door', () => {
  const marker = 'Quillfeather'

  async function gatewayWith(local: string) {
    await writeFile(
      join(folder, 'marked.yaml'),
      `id: marked\nname: Ada ${marker}\nfacts: [Ada keeps bees in Wales.]\nwriting_style: Short and dry.\n`,
    )
    const file = join(folder, 'config.yml')
    await writeFile(
      file,
      `local: ${local}\nupstreams: { same: { kind: embedded, model: ${MODEL} } }\nmodels: { catch_all: same }\nprofiles: { folder: . }\nsteering: { strength: 1 }\n`,
    )
    const reports: { neutralCandidates: number; knownCandidates: number }[] = []
    const gateway = await openGateway(await loadConfig(file), {
      environment: readEnvironment(),
      onDecoded: (report) => reports.push(report),
    })
    open.push(gateway)
    const answer = async (lookahead: 'auto' | 'off', onText?: () => void, maxTokens = 10) => {
      const prepared = await gateway.prepare({
        model: 'any',
        prompt: { type: 'chat', messages: [{ role: 'user', content: 'Write a letter about your farm.' }] },
        sampling: { temperature: 0, topP: 1, topK: 0, seed: 7 },
        maxTokens,
        stop: [],
        choices: 1,
        caller: { profile: 'marked' },
        overrides: { lookahead },
        trace: false,
        signal: new AbortController().signal,
      })
      expect(prepared.steering).toEqual({ state: 'on', profile: 'marked' })
      let text = ''
      for await (const event of prepared.choices[0] ?? []) {
        if (event.type !== 'text-delta') continue
        text += event.text
        onText?.()
      }
      return text
    }
    return { gateway, answer, reports }
  }

  test.each(['off', 'auto'] as const)(
    'writes what the same model in this process writes (lookahead: %s)',
    async (lookahead) => {
      const fake = await fakeServer()
      const own = await (await gatewayWith(`{ model: ${MODEL} }`)).answer(lookahead)
      const whole = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}", candidates: 100000 }`)
      const begun = await whole.answer(lookahead, undefined, 4)
      expect(begun).not.toBe('')
      expect(own.startsWith(begun)).toBe(true)
      expect(whole.reports[0]?.neutralCandidates).toBe(0)
      const listed = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}" }`)
      expect(await listed.answer(lookahead)).toBe(own)
      const short = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}", candidates: 50 }`)
      await short.answer(lookahead)
      expect(short.reports[0]?.neutralCandidates).toBeGreaterThan(0)
    },
  )

  test('sends the profile nowhere but there, and never as text', async () => {
    const fake = await fakeServer()
    const { answer } = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}" }`)
    await answer('off')
    const texts = fake.computed.map(({ prompt }) =>
      Buffer.concat(prompt.map((id) => upstream.vocabulary.bytes(id as never))).toString(),
    )
    expect(texts.some((text) => text.includes(marker))).toBe(true)
    for (const { body } of fake.requests) expect(JSON.stringify(body)).not.toContain(marker)
  })

  test.each(['off', 'auto'] as const)(
    'goes on unsteered when the server goes away in an answer, and steers again once it is back (%s)',
    async (lookahead) => {
      const fake = await fakeServer()
      const { answer } = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}" }`)
      const steered = await answer(lookahead)
      const cut = await answer(lookahead, () =>
        fake.answers(() => ({ status: 503, json: { error: marker } })),
      )
      expect(cut.length).toBeGreaterThan(0)
      expect(cut).not.toContain(marker)
      fake.answers(null)
      expect(await answer(lookahead)).toBe(steered)
    },
  )

  test('ends the answer with the failure where that is configured, without what the server wrote', async () => {
    const fake = await fakeServer()
    const { answer } = await gatewayWith(`{ kind: llama-cpp, url: "${fake.url}", on_failure: fail }`)
    const failure = await answer('off', () =>
      fake.answers(() => ({ status: 500, json: { error: { message: marker, type: marker } } })),
    ).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'local_model_failed',
      message: `The local model's server at ${fake.url} refused a request (HTTP 500). Look at its log.`,
      cause: undefined,
    })
  })
})
