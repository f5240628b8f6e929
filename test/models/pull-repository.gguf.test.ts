import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readEnvironment } from '../../src/environment.ts'
import { loadCatalogue } from '../../src/models/catalogue.ts'
import { importModel } from '../../src/models/import.ts'
import { type InstalledModel, listModels, modelPaths } from '../../src/models/model-folder.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { pullModel } from '../../src/models/pull.ts'
import type { PullEvent } from '../../src/models/pull-event.ts'
import type { PullOptions } from '../../src/models/pull-options.ts'
import { tinyMetadata, writeGguf } from '../slm/gguf/tiny-gguf.ts'
import { type TinyFolder, tinyFolder } from '../slm/safetensors/tiny-folder.ts'
import { type FakeHub, type FakeRepository, startFakeRepository } from './fake-hub.ts'
import { importableGguf, tinyTokenizer } from './importable-model.ts'

const REPO = 'Maker/Tiny-3B-GGUF'
const Q4 = 'Tiny-3B-Q4_K_M.gguf'
const Q8 = 'Tiny-3B-Q8_0.gguf'
/** Of a file that is read before its weights are fetched. */
const FIRST_BYTES = 2 ** 20

let made: TinyFolder
let home: string
let repository: FakeRepository
let hub: FakeHub

function partOf(number: number): string {
  return `BF16/Tiny-3B-BF16-0000${number}-of-00002.gguf`
}

/** With as many bytes behind it as weights of a model that is not tiny. */
function withWeights(header: Buffer): Buffer {
  return Buffer.concat([header, Buffer.alloc(2 * FIRST_BYTES, 7)])
}

function put(name: string, content: Buffer): Buffer {
  repository.files.set(name, content)
  return content
}

beforeEach(async () => {
  made = await tinyFolder('qwen3')
  home = join(dirname(made.folder), 'home')
  repository = { files: new Map(), sentInstead: new Map(), gated: false }
  put('README.md', Buffer.from('Others read this.'))
  put(Q8, withWeights(importableGguf()))
  put(Q4, readFileSync(made.file))
  hub = await startFakeRepository(REPO, repository)
})
afterEach(async () => {
  await hub.close()
  made.remove()
})

function environment(variables: object = {}) {
  const cache = { HF_HUB_CACHE: join(home, 'hub-cache') }
  return readEnvironment({ COSTEER_HOME: home, HF_ENDPOINT: hub.url, ...cache, ...variables })
}

async function pull(
  name = REPO,
  { variables = {}, ...rest }: { variables?: object } & Partial<PullOptions> = {},
) {
  const events: PullEvent[] = []
  const onEvent = (event: PullEvent) => events.push(event)
  const model = await pullModel(name, { environment: environment(variables), onEvent, ...rest })
  return { model, events }
}

function paths() {
  return modelPaths(home, 'tiny-3b-gguf')
}

/** Ranges of a file that were asked for, without the question how long it is. */
function ranges(file: string): string[] {
  const asked = hub.requests.filter((request) => request.includes(`/${file} `))
  return asked.map((request) => request.split(' ')[1] ?? '').filter((range) => range !== 'bytes=0-0')
}

describe('pullModel of a repository with GGUF files', () => {
  test('takes Q4_K_M, says so, and has a model as an import makes it', async () => {
    const { model, events } = await pull()
    const content = readFileSync(made.file)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const source = `hub ${REPO}/${Q4}`
    expect(model).toMatchObject({
      name: 'tiny-3b-gguf',
      format: 'gguf',
      bytes: content.length,
      sha256,
      source,
    })
    expect(readFileSync(model.path).equals(content)).toBe(true)
    expect(existsSync(paths().partialParts)).toBe(false)
    expect(events.slice(0, 2)).toEqual([
      { type: 'source-start', source: `hub ${REPO}` },
      { type: 'file-chosen', file: Q4, quantisation: 'Q4_K_M', others: ['Q8_0'] },
    ])
    expect(events.at(-1)).toEqual({ type: 'verifying' })
    expect(ranges(Q8)).toEqual([])

    const imported = await importModel(made.file, { home })
    expect(imported.sha256).toBe(sha256)
    for (const one of [model, imported]) await prepareModel(one)
    const weights = ({ graphFolder }: InstalledModel) => readFileSync(join(graphFolder, 'weights.bin'))
    expect(weights(model).equals(weights(imported))).toBe(true)
  })

  test.each([`${REPO}:Q8_0`, `${REPO}:${Q8}`, `${REPO}/${Q8}`, `hf.co/${REPO}:q8_0`])(
    'takes what %s names',
    async (name) => {
      const { model, events } = await pull(name)
      expect(model).toMatchObject({ name: 'tiny-3b-gguf', source: `hub ${REPO}/${Q8}` })
      expect(events).toContainEqual(expect.objectContaining({ quantisation: 'Q8_0', others: ['Q4_K_M'] }))
    },
  )

  test('takes all parts of a split file, whichever folder they lie in', async () => {
    const split = (number: number) => ({ 'split.no': number, 'split.count': 2 })
    const parts = [
      put(
        partOf(1),
        importableGguf({ ...tinyTokenizer, ...split(0) }, () => false),
      ),
      put(partOf(2), withWeights(importableGguf(split(1)))),
    ]
    const { model, events } = await pull(`${REPO}:BF16`)
    const names = [partOf(1), partOf(2)].map((name) => name.replace('BF16/', ''))
    expect(readdirSync(model.path).toSorted()).toEqual(names)
    for (const [at, name] of names.entries())
      expect(readFileSync(join(model.path, name)).equals(parts[at] ?? Buffer.alloc(0))).toBe(true)
    const totalBytes = parts.reduce((sum, { length }) => sum + length, 0)
    expect(model).toMatchObject({ bytes: totalBytes, source: `hub ${REPO}/${partOf(1)}` })
    expect(events.at(-2)).toEqual({ type: 'bytes-received', receivedBytes: totalBytes, totalBytes })
    const files = names.map((name) => join(model.path, name))
    const imported = await importModel(files[0] ?? '', { home, name: 'other' })
    expect(imported.sha256).toBe(model.sha256)
    expect((await pull()).model).toEqual(model)
  })

  test('asks nobody when the model is installed, and never puts one quantisation in the place of another', async () => {
    const first = await pull()
    hub.requests.length = 0
    for (const name of [REPO, REPO.toLowerCase(), `${REPO}:Q4_K_M`, `${REPO}:${Q4}`])
      expect((await pull(name)).model).toEqual(first.model)
    await expect(pull(`${REPO}:Q8_0`)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/another model "tiny-3b-gguf" already, from .*Q4_K_M\.gguf.*--name/),
    })
    expect(hub.requests).toEqual([])
    expect((await pull(`${REPO}:Q8_0`, { as: 'larger' })).model.name).toBe('larger')
    expect((await listModels(home)).map(({ name }) => name)).toEqual(['larger', 'tiny-3b-gguf'])
  })

  test('takes the file beside safetensors where it is named', async () => {
    put('config.json', Buffer.from('{}'))
    put('model.safetensors', Buffer.from('weights'))
    expect((await pull(`${REPO}:Q4_K_M`)).model.format).toBe('gguf')
  })

  test("is the catalogue's model where its file is the one that is named", async () => {
    const file = join(dirname(home), 'models.yaml')
    const entry = {
      title: 'Tiny',
      licence: 'MIT',
      parameters: 1,
      sources: [{ kind: 'hub', repo: REPO, file: Q4 }],
    }
    writeFileSync(file, stringify({ models: { known: entry } }))
    const catalogue = await loadCatalogue(file)
    for (const name of [REPO, `${REPO}:Q4_K_M`])
      expect((await pull(name, { catalogue })).model.name).toBe('known')
    expect((await pull(`${REPO}:Q8_0`, { catalogue })).model.name).toBe('tiny-3b-gguf')
  })
})

describe('a GGUF file that cannot be used', () => {
  async function refusal(content: Buffer): Promise<string> {
    put(Q4, content)
    const failure: unknown = await pull().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'model_file_invalid' })
    expect(existsSync(paths().folder)).toBe(false)
    return failure instanceof Error ? failure.message : ''
  }

  test('is refused by its header, before its weights are fetched', async () => {
    const words = await refusal(withWeights(writeGguf(tinyMetadata('mamba'), [])))
    expect(words).toMatch(new RegExp(`^The repository ${REPO} of the hub cannot be used: ${Q4}: .*mamba`))
    expect(ranges(Q4)).toEqual([`bytes=0-${FIRST_BYTES - 1}`])
  })

  test('is refused where it lacks a tensor, or a tokenizer that can be read', async () => {
    const without = importableGguf(tinyTokenizer, (name) => name !== 'output_norm.weight')
    expect(await refusal(withWeights(without))).toContain('it has no tensor output_norm.weight')
    const foreign = importableGguf({ ...tinyTokenizer, 'tokenizer.ggml.model': 'rwkv' })
    expect(await refusal(withWeights(foreign))).toContain('rwkv')
    expect(new Set(ranges(Q4))).toEqual(new Set([`bytes=0-${FIRST_BYTES - 1}`]))
  })

  test('is refused where it ends before its tensors do, or is another kind of file', async () => {
    expect(await refusal(importableGguf().subarray(0, -64))).toContain('it ends before the end of')
    expect(await refusal(Buffer.alloc(5000, 1))).toContain('no GGUF file')
  })

  test('has its header read on where that is long', async () => {
    const tokens = Array.from({ length: 60_000 }, (_, at) => `token${at}`)
    const types = tokens.map(() => 1)
    const named = { 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': types }
    const header = writeGguf({ ...named, ...tinyMetadata('mamba') }, [])
    const words = await refusal(withWeights(withWeights(header)))
    expect(words).toContain('mamba')
    expect(ranges(Q4)).toEqual([`bytes=0-${FIRST_BYTES - 1}`, `bytes=${FIRST_BYTES}-${4 * FIRST_BYTES - 1}`])
  })
})

describe('a transfer of a GGUF file that breaks off', () => {
  test('is continued where it ended, behind the header that was read', async () => {
    hub.mood = { type: 'cut-after', bytes: FIRST_BYTES }
    const failure = {
      code: 'model_unavailable',
      message: expect.stringContaining(`costeer pull ${REPO}:Q8_0`),
    }
    await expect(pull(`${REPO}:Q8_0`)).rejects.toMatchObject(failure)
    const begun = statSync(join(paths().partialParts, Q8)).size
    expect(begun).toBeGreaterThanOrEqual(FIRST_BYTES)
    hub.mood = { type: 'healthy' }
    hub.requests.length = 0
    const { model } = await pull(`${REPO}:Q8_0`)
    const content = repository.files.get(Q8) ?? Buffer.alloc(0)
    expect(readFileSync(model.path).equals(content)).toBe(true)
    expect(ranges(Q8)).toEqual([`bytes=${begun}-${content.length - 1}`])
  })

  test('is given up for another quantisation', async () => {
    hub.mood = { type: 'cut-after', bytes: FIRST_BYTES }
    await expect(pull(`${REPO}:Q8_0`)).rejects.toMatchObject({ code: 'model_unavailable' })
    hub.mood = { type: 'healthy' }
    const { model } = await pull(`${REPO}:Q4_K_M`)
    expect(readFileSync(model.path).equals(readFileSync(made.file))).toBe(true)
    expect(existsSync(paths().partialParts)).toBe(false)
  })

  test('is thrown away where it does not become what the hub lists', async () => {
    const other = Buffer.from(repository.files.get(Q8) ?? '')
    other[other.length - 2] = 1
    repository.sentInstead.set(Q8, other)
    await expect(pull(`${REPO}:Q8_0`)).rejects.toThrow(`${Q8} is another file (its digest differs`)
    expect(await listModels(home)).toEqual([])
    repository.sentInstead.clear()
    expect((await pull(`${REPO}:Q8_0`)).model.name).toBe('tiny-3b-gguf')
  })

  test.runIf(process.platform === 'linux')('for want of room says so, and gives all back', async () => {
    mkdirSync(paths().partialParts, { recursive: true })
    // Every write to this device fails as on a full disk.
    symlinkSync('/dev/full', join(paths().partialParts, Q4))
    await expect(pull()).rejects.toThrow('the disk is full (ENOSPC)')
    expect(existsSync(paths().folder)).toBe(false)
  })
})

describe('a repository with GGUF files that does not give', () => {
  test('what is named lists what it has, and fetches nothing', async () => {
    await expect(pull(`${REPO}:Q6_K`)).rejects.toMatchObject({
      code: 'model_unavailable',
      message: `The repository ${REPO} has no Q6_K. Name one as ${REPO}:NAME, of Q8_0, Q4_K_M.`,
    })
    expect(ranges(Q4)).toEqual([])
    expect(existsSync(paths().folder)).toBe(false)
  })

  test('says of a gated one where to accept its terms', async () => {
    repository.gated = 'manual'
    await expect(pull()).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining(`it is gated: accept its terms at ${hub.url}/${REPO}`),
    })
    expect((await pull(REPO, { variables: { HF_TOKEN: 'hf_secret' } })).model.format).toBe('gguf')
  })

  test('says of one that nobody sees that it may be private', async () => {
    await expect(pull('Maker/None:Q8_0')).rejects.toThrow(/no such repository, or it is a private one/)
  })
})

describe('a repository with GGUF files in the cache of the hub', () => {
  beforeEach(() => {
    const cached = join(home, 'hub-cache', `models--${REPO.replace('/', '--')}`)
    const commit = 'c'.repeat(40)
    const snapshot = join(cached, 'snapshots', commit)
    const content = repository.files.get(Q8) ?? Buffer.alloc(0)
    for (const folder of ['refs', 'blobs']) mkdirSync(join(cached, folder), { recursive: true })
    mkdirSync(snapshot, { recursive: true })
    writeFileSync(join(cached, 'refs', 'main'), commit)
    const blob = join(cached, 'blobs', createHash('sha256').update(content).digest('hex'))
    writeFileSync(blob, content)
    symlinkSync(blob, join(snapshot, Q8))
  })

  const offline = { variables: { HF_HUB_OFFLINE: '1' } }

  test('is taken from there when the hub is not to be asked', async () => {
    const { model } = await pull(REPO, offline)
    expect(model.source).toBe(`hub ${REPO}/${Q8}`)
    expect(readFileSync(model.path).equals(repository.files.get(Q8) ?? Buffer.alloc(0))).toBe(true)
    expect(hub.requests).toEqual([])
  })

  test('says what is there when it has not what is named', async () => {
    await expect(pull(`${REPO}:Q4_K_M`, offline)).rejects.toThrow(
      /cache of the hub has of .* has no Q4_K_M.*of Q8_0/,
    )
  })
})
