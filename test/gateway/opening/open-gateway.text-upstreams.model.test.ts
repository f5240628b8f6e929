import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { readEnvironment } from '../../../src/environment.ts'
import type { Gateway } from '../../../src/gateway/gateway.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openEmbedded } from '../../../src/upstream/embedded.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { startChatPrefixFake } from '../../upstream/chat-prefix/chat-prefix-fake.ts'
import { startCompletionsFake } from '../../upstream/completions/completions-fake.ts'
import { startOllamaFake } from '../../upstream/ollama/ollama-fake.ts'
import { startSglangFake } from '../../upstream/sglang/sglang-fake.ts'

const PROFILE = 'id: ada\nname: Ada\nabout: Ada keeps bees and writes short letters about them.\n'

describe('a steered answer over one model, however it is served', () => {
  let gateway: Gateway
  const steps: string[] = []
  const spent: number[] = []
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const model = await installedModel('smollm2-135m')
    const engine = startEngine()
    const upstream = await openEmbedded({ engine, model: 'smollm2-135m', ...model })
    const sglang = await startSglangFake({ upstream, ...model })
    const replica = await startSglangFake({ upstream, ...model })
    const completions = await startCompletionsFake({
      upstream,
      ...model,
      shape: 'chat',
      maxCandidates: 100,
    })
    const ollama = await startOllamaFake({
      upstream,
      ...model,
      names: [{ name: 'smol:latest', remote_host: 'https://ollama.com' }],
      render: null,
      tellsLogprobs: true,
    })
    const chat = await startChatPrefixFake({ upstream, ...model, continues: 'prefix' })
    const folder = await mkdtemp(join(tmpdir(), 'costeer-served-'))
    await writeFile(join(folder, 'ada.yaml'), PROFILE)
    await writeFile(join(folder, 'key'), 'a-secret-key\n')
    const file = join(folder, 'config.yml')
    await writeFile(
      file,
      `upstreams:
  embedded: { kind: embedded, candidates: 50 }
  sglang: { kind: sglang, url: "${sglang.url}", replicas: ["${replica.url}"], candidates: 50, api_key_file: key }
  completions: { kind: openai-completions, url: "${completions.url}", candidates: 50 }
  ollama: { kind: ollama, url: "${ollama.url}" }
  chat: { kind: chat-prefix, url: "${chat.url}", price: { in: 10, cached: 1, out: 20 } }
budget: { max_cost_per_answer: 1 }
models: { names: { embedded: embedded, sglang: sglang, completions: completions, ollama: ollama, chat: chat } }
profiles: { folder: . }
`,
    )
    gateway = await openGateway(await loadConfig(file), {
      environment: readEnvironment(),
      onProgress: (step) => steps.push(step),
      onSpent: ({ amount }) => spent.push(amount),
    })
    closing.push(
      () => gateway.close(),
      () => completions.close(),
      () => ollama.close(),
      () => chat.close(),
      () => replica.close(),
      () => sglang.close(),
      () => upstream.close(),
      async () => engine.close(),
    )
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  const costs: (number | undefined)[] = []
  const answer = async (model: string): Promise<string> => {
    const prepared = await gateway.prepare({
      model,
      prompt: {
        type: 'chat',
        messages: [
          { role: 'system', content: 'You are a helpful assistant.' },
          { role: 'user', content: 'Write a short letter to a friend.' },
        ],
      },
      sampling: { temperature: 0, topP: 1, topK: 0, seed: 7 },
      maxTokens: 24,
      stop: [],
      choices: 1,
      caller: { profile: 'ada' },
      overrides: { strength: 1 },
      trace: false,
      signal: new AbortController().signal,
    })
    expect(prepared.steering).toEqual({ state: 'on', profile: 'ada' })
    let text = ''
    for (const choice of prepared.choices) {
      for await (const event of choice) {
        if (event.type === 'text-delta') text += event.text
        if (event.type === 'answer-end') costs.push(event.cost)
      }
    }
    return text
  }

  test('SGLang gives the answer of the embedded model', async () => {
    const expected = await answer('embedded')
    expect(expected.length).toBeGreaterThan(20)
    expect(await answer('sglang')).toBe(expected)
  })

  test('a completions server gives it up to where it cuts the text into other tokens', async () => {
    const expected = await answer('embedded')
    const [firstLine = ''] = expected.split('\n')
    expect(firstLine.length).toBeGreaterThan(10)
    const own = await answer('completions')
    expect(own.slice(0, firstLine.length)).toBe(firstLine)
    expect(own.length).toBeGreaterThan(firstLine.length + 10)
  })

  test('Ollama gives an answer of its likeliest 20, and the start says where its model runs', async () => {
    const expected = await answer('embedded')
    const own = await answer('ollama')
    expect(own.slice(0, 10)).toBe(expected.slice(0, 10))
    expect(own.length).toBeGreaterThan(20)
    expect(steps).toContain(
      'Upstream ollama: smol:latest runs at https://ollama.com, not on the server that is asked.',
    )
    expect([costs.at(-1), spent]).toEqual([undefined, []])
  })

  test('a chat route that goes on gives an answer of its likeliest 20, and tells what it cost', async () => {
    const expected = await answer('embedded')
    const own = await answer('chat')
    expect(own.slice(0, 10)).toBe(expected.slice(0, 10))
    expect(own.length).toBeGreaterThan(20)
    const cost = costs.at(-1) ?? 0
    expect(cost).toBeCloseTo(
      spent.reduce((sum, amount) => sum + amount, 0),
      12,
    )
    // Token by token at least: 24 of them come back, and the prompt goes up
    expect(cost).toBeGreaterThan((24 * 20 + 20 * 10) / 1e6)
    expect(cost).toBeLessThan(0.01)
  })
})
