import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { readEnvironment } from '../../../src/environment.ts'
import type { DecodeReport } from '../../../src/gateway/answer.ts'
import type { PublicPrompt } from '../../../src/gateway/answer-request.ts'
import type { Gateway } from '../../../src/gateway/gateway.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import type { AlignmentReport } from '../../../src/gateway/opening/upstream-alignment.ts'
import { findModel } from '../../../src/models/model-folder.ts'
import { readTokenizer } from '../../../src/models/read-tokenizer.ts'

const PROFILE = `id: ada
name: Ada
about: Ada keeps bees in Wales. Her letters are full of bees, honey and rain.
history:
  - title: A letter
    text: Dear heart, the bees hum, the rain sings, and the honey is golden. Yours in honey, Ada.
`
const CONFIG = `upstreams:
  map: { kind: embedded, model: qwen2.5-coder-0.5b, alignment: map }
  bytes: { kind: embedded, model: qwen2.5-coder-0.5b, alignment: bytes }
local: { model: smollm2-135m }
models: { names: { map: map, bytes: bytes } }
profiles: { folder: . }
`
const TEXT = 'This is a letter to a friend about what I love most:'

const qwenIsHere = (await findModel(readEnvironment().costeerHome, 'qwen2.5-coder-0.5b')) !== null

describe.skipIf(!qwenIsHere)('SmolLM2 as the local model of a Qwen upstream', () => {
  let gateway: Gateway
  const reports: AlignmentReport[] = []
  const decoded: DecodeReport[] = []

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'costeer-aligned-'))
    await writeFile(join(folder, 'ada.yaml'), PROFILE)
    await writeFile(join(folder, 'config.yml'), CONFIG)
    gateway = await openGateway(await loadConfig(join(folder, 'config.yml')), {
      environment: readEnvironment(),
      onAligned: (report) => reports.push(report),
      onDecoded: (report) => decoded.push(report),
    })
  })
  afterAll(() => gateway.close())

  async function answer(
    model: string,
    {
      prompt = { type: 'text', text: TEXT },
      profile: id = 'ada',
      lookahead = 'off',
    }: { prompt?: PublicPrompt; profile?: string; lookahead?: 'auto' | 'off' } = {},
  ): Promise<string> {
    const prepared = await gateway.prepare({
      model,
      prompt,
      sampling: { temperature: 0, topP: 1, topK: 0, seed: 7 },
      maxTokens: 20,
      stop: [],
      choices: 1,
      caller: { profile: id },
      overrides: { strength: 1, lookahead },
      trace: false,
      signal: new AbortController().signal,
    })
    expect(prepared.steering.state).toBe(id === 'none' ? 'off' : 'on')
    let text = ''
    for (const choice of prepared.choices) {
      for await (const event of choice) if (event.type === 'text-delta') text += event.text
    }
    return text
  }

  test('the start tells what is covered', () => {
    const [map, bytes] = reports
    expect(map).toMatchObject({ upstream: 'map', mode: 'map', tokens: map?.shared })
    expect(map?.tokens).toBeCloseTo(39_236 / 151_647, 4)
    expect(map?.probability).toBeGreaterThan(0.8)
    expect(bytes).toMatchObject({ upstream: 'bytes', shared: map?.shared })
    expect(bytes?.tokens).toBeGreaterThan(0.999)
    expect(bytes?.probability).toBeGreaterThan(0.999)
  })

  test.each(['map', 'bytes'])('%s: the profile counts, and guessing ahead changes nothing', async (model) => {
    expect(await answer(model, { profile: 'none' })).not.toMatch(/bee|honey/i)
    const steered = await answer(model)
    expect(steered).toMatch(/bee|honey/i)
    decoded.length = 0
    expect(await answer(model, { lookahead: 'auto' })).toBe(steered)
    const [report] = decoded as [DecodeReport]
    expect(report.acceptedGuesses).toBeGreaterThan(0)
    const covered = report.coveredMass / report.steeredTokens
    expect(covered).toBeGreaterThan(model === 'map' ? 0.7 : 0.999)
    expect(covered).toBeLessThanOrEqual(1)
  })

  test('conversations are steered, and prompts of token ids as those of text', async () => {
    const { tokenizer } = await readTokenizer('qwen2.5-coder-0.5b', readEnvironment().costeerHome)
    const tokens = tokenizer.encodePrompt(TEXT)
    expect(await answer('bytes', { prompt: { type: 'tokens', tokens } })).toBe(await answer('bytes'))
    const messages = [{ role: 'user' as const, content: 'Write a short poem about your life.' }]
    const steered = await answer('bytes', { prompt: { type: 'chat', messages } })
    expect(steered).not.toBe(await answer('bytes', { prompt: { type: 'chat', messages }, profile: 'none' }))
  })
})
