import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { localSchema, type ServedLocal } from '../../../src/config/local-settings.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import { openServedModel, type ServedModel } from '../../../src/local-server/open-served-model.ts'
import { type Engine, startEngine } from '../../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../../src/slm/pair/open-local-pair.ts'
import type { LocalContinuation, LocalPair, LocalRow } from '../../../src/steer/local-pair.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { installedModel } from '../../slm/installed-model.ts'

const { COSTEER_TEST_LOCAL_LLAMA_CPP_URL: url = '' } = process.env
const home = readEnvironment().costeerHome
const never = new AbortController().signal
const STRENGTH = 1
/** More than a token of either model takes on a busy processor. */
const PATIENCE_MS = 600_000

const profile = `id: ada
name: Ada
facts:
  - Ada keeps bees in a valley in Wales, and has a dog called Bramble.
writing_style: Short dry sentences. She signs with "Yours, in haste".
history:
  - title: A letter
    text: Dear Mo, the bees are cross and so am I. It rains. Bramble ate the post. Yours, in haste, Ada
`
const questions = [
  'Write a short letter to a friend about how your week was.',
  'What do you do on a Sunday?',
  'Recommend me a hobby, in two sentences.',
  'Write an invitation to a birthday party.',
]

function settings(candidates: number): ServedLocal {
  return localSchema.parse({ kind: 'llama-cpp', url, candidates }) as ServedLocal
}

function catalogueName(served: string): string {
  return /qwen/i.test(served) ? 'qwen2.5-coder-0.5b' : 'smollm2-135m'
}

const suite = url === '' ? describe.skip : describe
suite('a llama-server as the local model', { timeout: PATIENCE_MS }, () => {
  let engine: Engine
  let embedded: LocalPair
  let whole: ServedModel
  let listed: ServedModel
  let prompts: { with: TokenId[]; without: TokenId[] }

  beforeAll(async () => {
    whole = await openServedModel(settings(1_000_000), { apiKey: undefined, home })
    listed = await openServedModel(settings(1_000), { apiKey: undefined, home })
    engine = startEngine()
    const { graph } = await installedModel(catalogueName(whole.name))
    embedded = await openLocalPair({ engine, graph: graph as never })
    const { tokenizer } = whole.text
    const question = { role: 'user', content: questions[0] as string } as const
    prompts = {
      with: tokenizer.encodeChat([{ role: 'system', content: profile }, question]),
      without: tokenizer.encodeChat([question]),
    }
  }, PATIENCE_MS)
  afterAll(async () => {
    await engine?.close()
    await whole?.close()
    await listed?.close()
  })

  const open = (pair: LocalPair) => pair.open({ ...prompts, strength: STRENGTH, signal: never })

  /** Deltas without the constant that a row's have in common, at `ids`. */
  function deltas(row: LocalRow, ids: Int32Array): Float64Array {
    const values = new Float64Array(ids.length)
    row.deltasInto(ids, values)
    return values.map((value) => value - row.neutralDelta)
  }

  async function next(local: LocalContinuation, row: LocalRow, token: TokenId): Promise<LocalRow> {
    const [below] = await local.feed(row, [token])
    return below as LocalRow
  }

  test('gives the deltas of the same weights in this process, but for rounding', async () => {
    const locals = [await open(embedded), await open(whole.pair)] as const
    let [mine, theirs] = [locals[0].root, locals[1].root]
    let sum = 0
    let count = 0
    for (let step = 0; step < 16; step++) {
      const ids = Int32Array.from(mine.publicGuesses, ({ token }) => token)
      const [here, there] = [deltas(mine, ids), deltas(theirs, ids)]
      for (const [at, delta] of here.entries()) {
        const { probability = 0 } = mine.publicGuesses[at] ?? {}
        sum += probability * Math.abs(delta - (there[at] ?? 0))
        count += probability
      }
      const token = mine.privateGuesses[0]?.token as TokenId
      mine = await next(locals[0], mine, token)
      theirs = await next(locals[1], theirs, token)
    }
    for (const local of locals) local.close()
    process.stdout.write(`mean difference of deltas: ${(sum / count).toFixed(3)} nats\n`)
    // Both round activations to 8 bits, each in its own way.
    expect(sum / count).toBeLessThan(0.25)
  })

  test('gives the same rows for branches and after going back', async () => {
    const local = await open(whole.pair)
    const [first, second] = local.root.publicGuesses.map(({ token }) => token)
    const chain = await local.feed(local.root, [first as TokenId, second as TokenId])
    const [other] = await local.feed(local.root, [second as TokenId])
    const again = await local.feed(local.root, [first as TokenId, second as TokenId])
    const ids = Int32Array.from(local.root.publicGuesses, ({ token }) => token)
    for (const [at, row] of chain.entries()) {
      const [once, twice] = [deltas(row, ids), deltas(again[at] as LocalRow, ids)]
      for (const [i, delta] of once.entries()) expect(Math.abs(delta - (twice[i] ?? 0))).toBeLessThan(0.5)
    }
    expect(other?.depth).toBe(1)
    local.close()
  })

  test('knows nearly all candidates by lists of 1,000', async () => {
    const local = await open(listed.pair)
    let row = local.root
    let unknown = 0
    let count = 0
    for (let step = 0; step < 12; step++) {
      for (const { token } of [...row.publicGuesses, ...row.privateGuesses]) {
        count++
        if (row.knows?.(token) !== true) unknown++
      }
      row = await next(local, row, row.privateGuesses[0]?.token as TokenId)
    }
    local.close()
    expect(unknown / count).toBeLessThan(0.01)
  })

  describe('behind the gateway', () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'costeer-local-'))
      await writeFile(join(folder, 'ada.yaml'), profile)
    })
    afterAll(() => rm(folder, { recursive: true }))

    async function answers(local: string, lookahead: string): Promise<string[]> {
      const file = join(folder, 'config.yml')
      const upstream = `{ kind: embedded, model: ${catalogueName(whole.name)} }`
      await writeFile(
        file,
        `local: ${local}\nupstreams: { same: ${upstream} }\nmodels: { catch_all: same }\nprofiles: { folder: . }\nsteering: { strength: ${STRENGTH}, lookahead: ${lookahead} }\n`,
      )
      const gateway = await openGateway(await loadConfig(file), { environment: readEnvironment() })
      try {
        const texts: string[] = []
        for (const content of questions) {
          const prepared = await gateway.prepare({
            model: 'any',
            prompt: { type: 'chat', messages: [{ role: 'user', content }] },
            sampling: { temperature: 0, topP: 1, topK: 0, seed: 1 },
            maxTokens: 32,
            stop: [],
            choices: 1,
            caller: { profile: 'ada' },
            overrides: {},
            trace: false,
            signal: never,
          })
          let text = ''
          for await (const event of prepared.choices[0] ?? []) {
            if (event.type === 'text-delta') text += event.text
          }
          texts.push(text)
        }
        return texts
      } finally {
        await gateway.close()
      }
    }

    /** The share of the words before both differ. */
    function agreement(left: string, right: string): number {
      const [one, other] = [left.split(' '), right.split(' ')]
      const differs = one.findIndex((word, at) => word !== other[at])
      return differs < 0 ? 1 : differs / one.length
    }

    test('steers to the words of the same weights in this process', async () => {
      const own = await answers(`{ model: ${catalogueName(whole.name)} }`, 'off')
      const unsteered = await answers(`{ kind: llama-cpp, url: "${url}", candidates: 1 }`, 'off')
      const shares: number[][] = []
      for (const lookahead of ['off', '4']) {
        const served = await answers(`{ kind: llama-cpp, url: "${url}" }`, lookahead)
        shares.push(served.map((text, at) => agreement(own[at] ?? '', text)))
      }
      const away = own.map((text, at) => agreement(text, unsteered[at] ?? ''))
      process.stdout.write(`share of words before both differ: ${JSON.stringify({ shares, away })}\n`)
      const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
      for (const share of shares) expect(mean(share)).toBeGreaterThan(mean(away))
    })
  })
})
