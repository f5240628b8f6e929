import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readEnvironment } from '../../src/environment.ts'
import { loadCatalogue } from '../../src/models/catalogue.ts'
import { importModel } from '../../src/models/import.ts'
import { type InstalledModel, listModels, modelPaths, removeModel } from '../../src/models/model-folder.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { pullModel } from '../../src/models/pull.ts'
import type { PullEvent } from '../../src/models/pull-event.ts'
import {
  float32,
  splitInTwo,
  type TinyFolder,
  tinyFolder,
  writeSafetensors,
} from '../slm/safetensors/tiny-folder.ts'
import { type FakeHub, type FakeRepository, startFakeRepository } from './fake-hub.ts'

const REPO = 'Maker/Tiny-3B'
const WEIGHTS = 'model.safetensors'

let made: TinyFolder
let home: string
let repository: FakeRepository
let hub: FakeHub

/** Has the repository hold what is in the folder now. */
function upload(): void {
  repository.files.clear()
  for (const name of readdirSync(made.folder))
    repository.files.set(name, readFileSync(join(made.folder, name)))
}

beforeEach(async () => {
  made = await tinyFolder('qwen3')
  home = join(dirname(made.folder), 'home')
  made.put('README.md', 'Others read this.')
  made.put('generation_config.json', { eos_token_id: [256] })
  repository = { files: new Map(), sentInstead: new Map(), gated: false }
  upload()
  hub = await startFakeRepository(REPO, repository)
})
afterEach(async () => {
  await hub.close()
  made.remove()
})

interface Asked {
  readonly repo?: string
  readonly variables?: object
  readonly as?: string
}

async function pull({ repo = REPO, variables = {}, ...rest }: Asked = {}) {
  const events: PullEvent[] = []
  const environment = readEnvironment({
    COSTEER_HOME: home,
    HF_ENDPOINT: hub.url,
    HF_HUB_CACHE: join(home, 'hub-cache'),
    ...variables,
  })
  const onEvent = (event: PullEvent) => events.push(event)
  return { model: await pullModel(repo, { environment, onEvent, ...rest }), events }
}

function paths() {
  return modelPaths(home, 'tiny-3b')
}

/** Requests for a file's content. */
function asked(file: string): string[] {
  return hub.requests.filter((request) => request.includes(`/${file} `))
}

describe('pullModel of a repository with safetensors', () => {
  test('fetches what is read of it, and has a model as an import makes it', async () => {
    const { model, events } = await pull({ variables: { HF_TOKEN: 'hf_secret' } })
    const names = ['chat_template.jinja', 'config.json', 'generation_config.json', WEIGHTS]
    names.push('tokenizer.json', 'tokenizer_config.json')
    expect(readdirSync(model.path).toSorted()).toEqual(names)
    const sizes = names.map((name) => statSync(join(made.folder, name)).size)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(model).toMatchObject({ name: 'tiny-3b', format: 'safetensors', bytes, source: `hub ${REPO}` })
    expect(events[0]).toEqual({ type: 'source-start', source: `hub ${REPO}` })
    expect(events.at(-1)).toEqual({ type: 'verifying' })
    const totalBytes = statSync(join(made.folder, WEIGHTS)).size
    expect(events.at(-2)).toEqual({ type: 'bytes-received', receivedBytes: totalBytes, totalBytes })
    expect(hub.requests.every((request) => request.endsWith('Bearer hf_secret'))).toBe(true)

    const imported = await importModel(made.folder, { home })
    expect((await readModelText(model)).vocabulary.size).toBe(301)
    for (const one of [model, imported]) await prepareModel(one)
    const weights = ({ graphFolder }: InstalledModel) => readFileSync(join(graphFolder, 'weights.bin'))
    expect(weights(model).equals(weights(imported))).toBe(true)
    expect((await listModels(home)).map(({ name }) => name)).toEqual(['tiny-3b', 'tiny-folder'])
    expect(await removeModel(home, 'tiny-3b')).toBe(true)
    expect(existsSync(paths().folder)).toBe(false)
  })

  test('takes all files of one commit, whatever comes after it', async () => {
    await pull()
    const commits = hub.requests.map((request) => /\/(?:resolve|tree)\/([0-9a-f]{40})/.exec(request)?.[1])
    expect(new Set(commits.slice(1)).size).toBe(1)
    expect(hub.requests[0]).toMatch(/^\/api\/models\/Maker\/Tiny-3B\/revision\/main\?/)
  })

  test('takes the parts that an index names, and counts their bytes together', async () => {
    const { part } = splitInTwo(made)
    made.put('model-00003-of-00003.safetensors', 'of an older index')
    upload()
    const { model, events } = await pull()
    const parts = [part(0), part(1)]
    const weights = readdirSync(model.path).filter((name) => name.endsWith('.safetensors'))
    expect(weights.toSorted()).toEqual(parts)
    const bytes = parts.map((name) => statSync(join(made.folder, name)).size)
    const received = events.flatMap((event) => (event.type === 'bytes-received' ? [event] : []))
    const totalBytes = (bytes[0] ?? 0) + (bytes[1] ?? 0)
    expect(received.every((event) => event.totalBytes === totalBytes)).toBe(true)
    expect(received.map(({ receivedBytes }) => receivedBytes)).toContain(bytes[0])
    expect(received.at(-1)?.receivedBytes).toBe(totalBytes)
  })

  test('leaves the index and its parts where the weights are in one file as well', async () => {
    const whole = readFileSync(join(made.folder, WEIGHTS))
    splitInTwo(made)
    made.put(WEIGHTS, whole)
    upload()
    const { model } = await pull()
    const weights = readdirSync(model.path).filter((name) => name.startsWith('model'))
    expect(weights).toEqual([WEIGHTS])
  })

  test('takes the safetensors where there are GGUF files beside them', async () => {
    made.put('tiny-q8_0.gguf', 'of somebody else')
    upload()
    expect((await pull()).model.format).toBe('safetensors')
    expect(asked('tiny-q8_0.gguf')).toEqual([])
  })

  test('asks nobody when the model is installed', async () => {
    const first = await pull()
    hub.requests.length = 0
    expect((await pull()).model).toEqual(first.model)
    expect(hub.requests).toEqual([])
  })

  test('is called as asked for, and never takes the place of another model', async () => {
    await importModel(made.folder, { home, name: 'tiny-3b' })
    await expect(pull()).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/another model "tiny-3b" already, from .*--name.*models remove tiny-3b/),
    })
    expect(hub.requests).toEqual([])
    expect((await pull({ as: 'other' })).model.name).toBe('other')
    await expect(pull({ as: 'Not A Name' })).rejects.toMatchObject({ code: 'invalid_request' })
  })
})

describe('a transfer of a repository that breaks off', () => {
  test('is continued where it ended, and asks for nothing that is whole', async () => {
    const { part } = splitInTwo(made)
    upload()
    const second = repository.files.get(part(1)) ?? Buffer.alloc(0)
    repository.sentInstead.set(part(1), second.subarray(0, 100))
    await expect(pull()).rejects.toMatchObject({ code: 'model_unavailable' })
    expect(await listModels(home)).toEqual([])
    hub.mood = { type: 'cut-after', bytes: 40_000 }
    repository.sentInstead.clear()
    const failure = { code: 'model_unavailable', message: expect.stringContaining(`costeer pull ${REPO}`) }
    await expect(pull()).rejects.toMatchObject(failure)
    const begun = statSync(join(paths().partialFolder, part(1))).size
    expect(begun).toBeGreaterThan(0)
    hub.mood = { type: 'healthy' }
    hub.requests.length = 0
    const { model, events } = await pull()
    expect(readFileSync(join(model.path, part(1))).equals(second)).toBe(true)
    expect(asked(part(0))).toEqual([])
    expect(asked('tokenizer.json')).toEqual([])
    expect(asked(part(1)).at(-1)).toContain(`bytes=${begun}-${second.length - 1}`)
    const first = repository.files.get(part(0))?.length
    expect(events).toContainEqual(expect.objectContaining({ receivedBytes: first }))
  })

  test('goes on with the commit that is the latest then', async () => {
    hub.mood = { type: 'cut-after', bytes: 40_000 }
    await expect(pull()).rejects.toMatchObject({ code: 'model_unavailable' })
    hub.mood = { type: 'healthy' }
    made.put('chat_template.jinja', '{{ messages[0].content }}')
    splitInTwo(made)
    upload()
    const { model } = await pull()
    expect(readFileSync(join(model.path, 'chat_template.jinja'), 'utf8')).toBe('{{ messages[0].content }}')
    expect(readdirSync(model.path)).not.toContain(WEIGHTS)
  })

  test('is thrown away where it does not become what the hub lists, and begun anew', async () => {
    mkdirSync(paths().partialFolder, { recursive: true })
    writeFileSync(join(paths().partialFolder, WEIGHTS), 'of another model')
    await expect(pull()).rejects.toThrow(/model\.safetensors is another file \(its digest differs/)
    expect(existsSync(join(paths().partialFolder, WEIGHTS))).toBe(false)
    expect((await pull()).model.name).toBe('tiny-3b')
  })

  test.each(['config.json', 'tokenizer.json'])('refuses another %s than the hub lists', async (name) => {
    const other = Buffer.from(repository.files.get(name) ?? '')
    other[other.length - 2] = 0x20
    repository.sentInstead.set(name, other)
    await expect(pull()).rejects.toThrow(`${name} is another file`)
    expect(asked(WEIGHTS)).toEqual([])
    repository.sentInstead.clear()
    expect((await pull()).model.name).toBe('tiny-3b')
  })

  test.runIf(process.platform === 'linux')('for want of room says so, and gives all back', async () => {
    mkdirSync(paths().partialFolder, { recursive: true })
    // Every write to this device fails as on a full disk.
    symlinkSync('/dev/full', join(paths().partialFolder, WEIGHTS))
    await expect(pull()).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringMatching(/the disk is full \(ENOSPC\)/),
    })
    expect(existsSync(paths().folder)).toBe(false)
    expect((await pull()).model.name).toBe('tiny-3b')
  })
})

describe('a repository that cannot be used', () => {
  /** What the pull says, which fetches no weights and leaves nothing. */
  async function refusal(): Promise<string> {
    upload()
    const failure: unknown = await pull().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'model_file_invalid' })
    expect(asked(WEIGHTS)).toEqual([])
    expect(existsSync(paths().folder)).toBe(false)
    return failure instanceof Error ? failure.message : ''
  }

  test.each([
    [{ model_type: 'qwen3_5' }, /model_type is "qwen3_5", which is none of llama.*local\.kind: llama-cpp/],
    [{ quantization_config: { quant_method: 'fp8' } }, /quantised \(fp8\)\. Take the folder with bf16/],
    [{ hidden_act: 'relu' }, /activation is "relu"/],
    [{ num_hidden_layers: null }, /config\.json has no usable num_hidden_layers/],
  ])('is refused before its weights are fetched: %j', async (change, words) => {
    made.put('config.json', { ...made.config, ...change })
    expect(await refusal()).toMatch(words)
    expect(asked('tokenizer.json')).toEqual([])
  })

  test('is refused for a tokenizer that nothing here reads', async () => {
    made.put('tokenizer.json', { model: { type: 'WordLevel', vocab: {} } })
    expect(await refusal()).toMatch(new RegExp(`^The repository ${REPO} of the hub cannot be used: `))
  })

  const without = (...names: readonly string[]) => {
    for (const name of names) rmSync(join(made.folder, name))
  }

  test.each(['config.json', 'tokenizer.json'])('is refused without %s', async (name) => {
    without(name)
    expect(await refusal()).toContain(`it has no ${name}`)
  })

  test.each([
    [['pytorch_model.bin'], /pytorch_model\.bin, which may hold programs/],
    [['adapter_config.json', 'adapter_model.safetensors'], /it holds an adapter/],
    [['model-00001-of-00002.safetensors'], /but not model\.safetensors\.index\.json/],
    [[], /it holds no model/],
  ])('is refused for what it holds instead of weights: %j', async (names, words) => {
    without(WEIGHTS)
    for (const name of names) made.put(name, 'something')
    expect(await refusal()).toMatch(words)
    expect(asked('config.json')).toEqual([])
  })

  test('is refused where a part of its weights is missing', async () => {
    const { part } = splitInTwo(made)
    without(part(1))
    expect(await refusal()).toContain(`its part ${part(1)} is missing`)
    expect(asked(part(0))).toEqual([])
  })

  test('is refused for weights that take part in nothing, which are not kept', async () => {
    const more = { 'model.layers.0.extra.weight': float32([1], [1]) }
    made.put(WEIGHTS, writeSafetensors({ ...made.tensors, ...more }))
    upload()
    await expect(pull()).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringMatching(
        new RegExp(`^The repository ${REPO} of the hub cannot be used: .*extra`),
      ),
    })
    expect(existsSync(paths().folder)).toBe(false)
  })
})

describe('a repository that does not let in', () => {
  test('says of a gated one where to accept its terms', async () => {
    repository.gated = 'manual'
    await expect(pull()).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining(
        `it is gated: accept its terms at ${hub.url}/${REPO}, and set HF_TOKEN`,
      ),
    })
    expect((await pull({ variables: { HF_TOKEN: 'hf_secret' } })).model.name).toBe('tiny-3b')
  })

  test('says of one that nobody sees that it may be private', async () => {
    await expect(pull({ repo: 'Maker/None' })).rejects.toThrow(/no such repository, or it is a private one/)
  })

  test('says what the hub answers', async () => {
    hub.mood = { type: 'status', status: 503 }
    await expect(pull()).rejects.toThrow('the hub answered HTTP 503')
  })
})

describe('a repository in the cache of the hub', () => {
  let snapshot = ''
  const blobOf = (name: string) => {
    const content = readFileSync(join(made.folder, name))
    return createHash('sha256').update(content).digest('hex')
  }
  beforeEach(() => {
    const cached = join(home, 'hub-cache', 'models--Maker--Tiny-3B')
    const commit = 'c'.repeat(40)
    snapshot = join(cached, 'snapshots', commit)
    for (const folder of [join(cached, 'refs'), join(cached, 'blobs'), snapshot])
      mkdirSync(folder, { recursive: true })
    writeFileSync(join(cached, 'refs', 'main'), commit)
    for (const name of readdirSync(made.folder)) {
      const blob = join(cached, 'blobs', blobOf(name))
      writeFileSync(blob, readFileSync(join(made.folder, name)))
      symlinkSync(blob, join(snapshot, name))
    }
  })

  test('is taken from there, linked, when the hub is not to be asked', async () => {
    const { model } = await pull({ variables: { HF_HUB_OFFLINE: '1' } })
    expect(statSync(join(model.path, WEIGHTS)).ino).toBe(statSync(join(snapshot, WEIGHTS)).ino)
    expect(readdirSync(model.path)).not.toContain('README.md')
    expect(hub.requests).toEqual([])
  })

  test('is taken from there when the hub cannot be asked', async () => {
    await hub.close()
    expect((await pull()).model.name).toBe('tiny-3b')
  })

  test('is refused when it is not what its names say, and left as it is', async () => {
    truncateSync(join(snapshot, WEIGHTS), 1000)
    await expect(pull({ variables: { HF_HUB_OFFLINE: '1' } })).rejects.toThrow('digest differs')
    expect(statSync(join(snapshot, WEIGHTS)).size).toBe(1000)
  })

  test('is no help when it is not whole', async () => {
    rmSync(join(snapshot, 'tokenizer.json'))
    await expect(pull({ variables: { HF_HUB_OFFLINE: '1' } })).rejects.toThrow(
      'HF_HUB_OFFLINE is set and the hub cache does not have all of it',
    )
    expect((await pull()).model.name).toBe('tiny-3b')
  })

  test('is never written into, when what was linked is of an older commit', async () => {
    const cached = realpathSync(join(snapshot, WEIGHTS))
    truncateSync(cached, 1000)
    mkdirSync(paths().partialFolder, { recursive: true })
    linkSync(cached, join(paths().partialFolder, WEIGHTS))
    const { model } = await pull()
    const whole = readFileSync(join(made.folder, WEIGHTS))
    expect(readFileSync(join(model.path, WEIGHTS)).equals(whole)).toBe(true)
    expect(statSync(cached).size).toBe(1000)
  })
})

describe('a repository that the catalogue knows', () => {
  test("is the catalogue's model, by its own file and under its name", async () => {
    const file = join(dirname(home), 'models.yaml')
    const sources = [{ kind: 'hub', repo: REPO, file: 'tiny.gguf' }]
    const entry = { title: 'Tiny', licence: 'MIT', parameters: 1, sources }
    writeFileSync(file, stringify({ models: { known: entry } }))
    const catalogue = await loadCatalogue(file)
    made.put('tiny.gguf', readFileSync(made.file))
    upload()
    const environment = readEnvironment({
      COSTEER_HOME: home,
      HF_ENDPOINT: hub.url,
      HF_HUB_CACHE: join(home, 'hub-cache'),
    })
    const model = await pullModel(REPO.toLowerCase(), { environment, catalogue })
    expect(model).toMatchObject({ name: 'known', format: 'gguf', source: `hub ${REPO}/tiny.gguf` })
    const renamed = pullModel(REPO, { environment, catalogue, as: 'other' })
    await expect(renamed).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
