import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { readEnvironment } from '../../../src/environment.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'
import { importModel } from '../../../src/models/import.ts'
import { modelPaths } from '../../../src/models/model-folder.ts'
import { pullModel } from '../../../src/models/pull.ts'
import { startFakeHub } from '../../models/fake-hub.ts'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { ask, type Seen } from './client.ts'
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { mountsDisks, type SmallDisk, smallDisk } from './small-disk.ts'
import { type TinyHome, tinyGguf, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

let home: TinyHome
let upstream: FaultyUpstream

beforeAll(async () => {
  home = await tinyHome()
  upstream = await faultyUpstream(llamaCppProtocol(await wordModel('tiny', home.environment)))
})
afterAll(async () => {
  await upstream.close()
  await home.remove()
})

const asked = { model: 'words', max_tokens: 5, temperature: 0 }
function open(environment = home.environment) {
  return assembledGateway(
    `local: { model: tiny }
upstreams: { words: { kind: llama-cpp, url: "${upstream.url}", candidates: 20 } }
models: { catch_all: words }
steering: { strength: 1 }
`,
    { environment, upstreams: [upstream] },
  )
}

/** Files below `folder` that this process holds open. */
function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const path = join('/proc/self/fd', descriptor)
    const target = existsSync(path) ? readlinkSync(path) : ''
    return target.startsWith(folder) ? [target] : []
  })
}

describe('a model file that ends too early', () => {
  const whole = tinyGguf()
  // Inside the magic number, the metadata, the tokens, the directory and the weights.
  const cuts = [0, 3, 20, 2_000, 12_000, whole.length >> 1, whole.length - 40]

  test.each(cuts)(
    'stops the start with one sentence, and its repair is enough: after %d bytes',
    async (cut) => {
      const paths = modelPaths(home.folder, 'tiny')
      await rename(paths.gguf, `${paths.gguf}.whole`)
      await writeFile(paths.gguf, whole.subarray(0, cut))
      const failure = { code: 'model_file_invalid', message: expect.stringContaining(paths.gguf) }
      await expect(open()).rejects.toMatchObject(failure)
      await rename(`${paths.gguf}.whole`, paths.gguf)
      expect(openBelow(home.folder)).toEqual([])
    },
  )

  test.each(cuts)('is not imported: after %d bytes', async (cut) => {
    const file = join(home.folder, 'cut.gguf')
    await writeFile(file, whole.subarray(0, cut))
    const before = await readdir(join(home.folder, 'models'))
    const importing = importModel(file, { home: home.folder, name: 'cut' })
    await expect(importing).rejects.toMatchObject({ code: 'model_file_invalid' })
    expect(await readdir(join(home.folder, 'models'))).toEqual(before)
    expect(openBelow(home.folder)).toEqual([])
  })

  test('as a prepared graph is built again', async () => {
    const first = await open()
    const { text } = await ask(first.url, asked)
    await first.close()
    const { graph } = modelPaths(home.folder, 'tiny')
    for (const file of ['weights.bin', 'pair.onnx', 'graph.json']) {
      await truncate(join(graph, file), (await stat(join(graph, file))).size >> 1)
      const gateway = await open()
      expect(await ask(gateway.url, asked)).toMatchObject({ status: 200, text })
      await gateway.close()
    }
  })
})

describe('a profile file that breaks while the gateway serves', () => {
  let gateway: AssembledGateway
  let before: Seen
  let path: string
  beforeAll(async () => {
    gateway = await open()
    path = join(gateway.folder, 'profiles/ann.yaml')
    before = await ask(gateway.url, asked)
  })
  afterAll(() => gateway.close())

  test.each([
    ['is no YAML', 'id: ann\nname: "Ann\nfacts: [', 'ann.yaml'],
    ['lacks what a profile needs', 'id: ann\n', 'name'],
    ['is half of it', 'id: ann\nname: Ann\nfacts:\n  - Ann ke', 'ann.yaml'],
    ['is of another profile', 'id: bob\nname: Bob\n', 'ann.yaml'],
    ['is empty', '', 'ann.yaml'],
  ])(
    'because it %s: its last good version goes on, and the problem is told',
    async (_what, broken, named) => {
      const good = await readFile(path, 'utf8')
      const told = gateway.problems.length
      await writeFile(path, broken)
      await gateway.console.profiles.reload()
      // The watcher may have seen a file that was just being written, and told that too
      const problems = gateway.console.profiles.problems()
      const isValid = problems.length === 0
      if (isValid) expect(broken).toContain('Ann ke')
      else {
        expect(JSON.stringify(problems)).toContain(named)
        expect(JSON.stringify(gateway.problems.slice(told))).toContain(named)
      }
      const during = await ask(gateway.url, asked)
      expect(during).toMatchObject({ status: 200, error: null })
      expect(during.headers['x-costeer-steering']).toBe('on')
      if (!isValid) expect(during.text).toBe(before.text)
      await writeFile(path, good)
      await gateway.console.profiles.reload()
      expect(gateway.console.profiles.problems()).toEqual([])
      expect((await ask(gateway.url, asked)).text).toBe(before.text)
      await gateway.settled()
    },
  )

  test('and one that is gone is gone, until it is back', async () => {
    const good = await readFile(path, 'utf8')
    await rm(path)
    await vi.waitFor(() => expect(gateway.console.profiles.has('ann')).toBe(false))
    const named = { ...asked, costeer: { profile: 'ann' } }
    expect(await ask(gateway.url, named)).toMatchObject({ status: 404, error: 'profile_not_found' })
    await writeFile(path, good)
    await vi.waitFor(() => expect(gateway.console.profiles.has('ann')).toBe(true))
    expect(await ask(gateway.url, named)).toMatchObject({ status: 200, text: before.text })
  })
})

describe('a disk that is full while a model is fetched', () => {
  const content = tinyGguf()
  const catalogueOf = async (folder: string) => {
    const file = join(folder, 'models.yaml')
    const sha256 = createHash('sha256').update(content).digest('hex')
    const sources = [
      { kind: 'hub', repo: 'maker/tiny', file: 'tiny.gguf' },
      { kind: 'pip', package: 'costeer-test-part', parts: 2 },
    ]
    const entry = { title: 'Tiny', licence: 'MIT', parameters: 1, bytes: content.length, sha256, sources }
    await writeFile(file, stringify({ models: { fetched: entry } }))
    return loadCatalogue(file)
  }
  const pull = async (folder: string) => {
    const hub = await startFakeHub(content)
    const environment = readEnvironment({
      COSTEER_HOME: folder,
      HF_ENDPOINT: hub.url,
      HF_HUB_CACHE: join(home.folder, 'hub-cache'),
    })
    const catalogue = await catalogueOf(home.folder)
    return pullModel('fetched', { environment, catalogue }).finally(() => hub.close())
  }

  test.runIf(process.platform === 'linux')('says so, and leaves no partial file', async () => {
    const paths = modelPaths(home.folder, 'fetched')
    await mkdir(paths.folder, { recursive: true })
    // Every write to this device fails as on a full disk.
    await symlink('/dev/full', paths.partial)
    await expect(pull(home.folder)).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringMatching(/the disk is full \(ENOSPC\)/),
    })
    expect(await readdir(paths.folder)).toEqual([])
    expect((await pull(home.folder)).name).toBe('fetched')
    expect(openBelow(home.folder)).toEqual([])
  })
})

describe.runIf(mountsDisks)('a disk that fills up', () => {
  let disk: SmallDisk
  beforeAll(async () => {
    disk = await smallDisk(8 * 2 ** 20)
  })
  afterEach(() => expect(openBelow(disk.folder)).toEqual([]))
  afterAll(() => disk.remove())

  const environment = () => readEnvironment({ COSTEER_HOME: disk.folder })
  const full = { code: 'model_unavailable', message: expect.stringContaining('(ENOSPC)') }

  test('refuses an import and leaves nothing of it', async () => {
    const file = join(home.folder, 'tiny.gguf')
    await disk.fill(100_000)
    await expect(importModel(file, { home: disk.folder, name: 'tiny' })).rejects.toMatchObject(full)
    expect(await readdir(join(disk.folder, 'models'))).not.toContain('tiny')
    await disk.empty()
    expect((await importModel(file, { home: disk.folder, name: 'tiny' })).name).toBe('tiny')
  })

  test('refuses to replace a model and leaves the old one whole', async () => {
    const file = join(home.folder, 'tiny.gguf')
    const { gguf, manifest, folder } = modelPaths(disk.folder, 'tiny')
    const before = [await readFile(gguf), await readFile(manifest)]
    await disk.fill(100_000)
    await expect(importModel(file, { home: disk.folder, name: 'tiny', replace: true })).rejects.toMatchObject(
      full,
    )
    expect([await readFile(gguf), await readFile(manifest)]).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['model.gguf', 'model.json'])
    await disk.empty()
  })

  test('stops a start that has to prepare a model, and the next one works', async () => {
    const { folder } = modelPaths(disk.folder, 'tiny')
    await disk.fill(50_000)
    await expect(open(environment())).rejects.toMatchObject(full)
    expect((await readdir(folder)).sort()).toEqual(['model.gguf', 'model.json'])
    await disk.empty()
    const gateway = await open(environment())
    expect((await ask(gateway.url, asked)).status).toBe(200)
    await gateway.close()
  })

  test('refuses a change of a profile, which goes on as it was', async () => {
    const gateway = await open()
    const before = await ask(gateway.url, asked)
    await gateway.close()
    const profiles = join(disk.folder, 'profiles')
    await mkdir(profiles)
    const served = await assembledGateway(
      `local: { model: tiny }
upstreams: { words: { kind: llama-cpp, url: "${upstream.url}", candidates: 20 } }
models: { catch_all: words }
steering: { strength: 1 }
`,
      { environment: home.environment, upstreams: [upstream], profileFolder: profiles },
    )
    const file = join(profiles, 'ann.yaml')
    const good = await readFile(file, 'utf8')
    const put = () =>
      fetch(`${served.url}/costeer/v1/profiles/ann`, {
        method: 'PUT',
        headers: { 'content-type': 'application/yaml', connection: 'close' },
        body: `${good}about: ${'x'.repeat(20_000)}\n`,
      })
    await disk.fill(0)
    const refused = await put()
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining('ENOSPC') } })
    expect(await readFile(file, 'utf8')).toBe(good)
    expect((await readdir(profiles, { recursive: true })).filter((name) => name.endsWith('tmp'))).toEqual([])
    expect(await ask(served.url, asked)).toMatchObject({ status: 200, text: before.text })
    await disk.empty()
    expect((await put()).status).toBe(200)
    await served.settled()
    await served.close()
  })
})
