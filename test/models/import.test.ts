import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importModel } from '../../src/models/import.ts'
import {
  findModel,
  graphFolders,
  listModels,
  modelPaths,
  removeModel,
} from '../../src/models/model-folder.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { openGguf } from '../../src/slm/gguf/open-gguf.ts'
import { recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'
import { tinyGguf } from '../suites/faults/tiny-home.ts'
import { importableGguf, PLAIN_TEMPLATE, tinyTokenizer } from './importable-model.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-import-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function writeModel(name: string, tokenizer = tinyTokenizer): string {
  const path = join(folder, name)
  writeFileSync(path, importableGguf(tokenizer))
  return path
}

const decoderConfig = {
  num_hidden_layers: 1,
  hidden_size: 8,
  num_attention_heads: 2,
  vocab_size: 400,
  max_position_embeddings: 64,
}

/** The tiny model with this type number in the place of the type of one tensor. */
function writeWithType(tensor: string, type: number): string {
  const bytes = importableGguf()
  const dimensions = bytes.indexOf(tensor) + tensor.length
  bytes.writeUInt32LE(type, dimensions + 4 + 8 * bytes.readUInt32LE(dimensions))
  const path = join(folder, 'odd.gguf')
  writeFileSync(path, bytes)
  return path
}

function writeWithoutTensor(tensor: string): string {
  const path = join(folder, 'less.gguf')
  writeFileSync(
    path,
    importableGguf(tinyTokenizer, (name) => name !== tensor),
  )
  return path
}

function writePart(bytes: number): string {
  const path = join(folder, 'part.gguf')
  writeFileSync(path, importableGguf().subarray(0, -bytes))
  return path
}

function makePipe(): string {
  const path = join(folder, 'pipe.gguf')
  execFileSync('mkfifo', [path])
  return path
}

function writeOnnxFolder(): string {
  const path = join(folder, 'My Model')
  mkdirSync(join(path, 'onnx'), { recursive: true })
  writeFileSync(join(path, 'onnx', 'model_q4.onnx'), 'graph')
  writeFileSync(join(path, 'config.json'), JSON.stringify(decoderConfig))
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(recordedTokenizers.qwen2.tokenizerJson))
  writeFileSync(join(path, 'chat_template.jinja'), PLAIN_TEMPLATE)
  return path
}

function without(path: string, name: string): string {
  rmSync(join(path, name))
  return path
}

function writeText(): string {
  const path = join(folder, 'x.gguf')
  writeFileSync(path, 'text')
  return path
}

function home() {
  return join(folder, 'home')
}

describe('importModel', () => {
  test('registers a GGUF file under a name made from its own', async () => {
    const path = writeModel('My Tiny_Model.Q4_K_M.gguf')
    const model = await importModel(path, { home: home() })
    expect(model).toMatchObject({ name: 'my-tiny_model.q4_k_m', format: 'gguf', source: path })
    expect(readFileSync(model.path).equals(readFileSync(path))).toBe(true)
    expect(await findModel(home(), model.name)).toEqual(model)
  })

  test('registers a split model as one, by any of its parts', async () => {
    const part = (number: number) => `Tiny-0000${number}-of-00002.gguf`
    const split = (number: number) => ({ 'split.no': number, 'split.count': 2 })
    writeFileSync(
      join(folder, part(1)),
      importableGguf({ ...tinyTokenizer, ...split(0) }, () => false),
    )
    writeFileSync(join(folder, part(2)), importableGguf(split(1)))
    const model = await importModel(join(folder, part(2)), { home: home() })
    expect(model).toMatchObject({ name: 'tiny', format: 'gguf', path: modelPaths(home(), 'tiny').gguf })
    expect(readdirSync(model.path)).toEqual([part(1), part(2)])
    expect(model.bytes).toBe(statSync(join(folder, part(1))).size + statSync(join(folder, part(2))).size)
    const weights = await openGguf(model.path)
    weights.requireReadable()
    await weights.close()
  })

  test('registers a folder in the onnx-community layout', async () => {
    const model = await importModel(writeOnnxFolder(), { home: home(), name: 'mine' })
    expect(model).toMatchObject({ name: 'mine', format: 'onnx', sha256: null })
    expect(readFileSync(join(model.path, 'onnx', 'model_q4.onnx'), 'utf8')).toBe('graph')
  })

  test('replaces a model only when told to, and drops what was built from the old one', async () => {
    const path = writeModel('a.gguf')
    const { graphFolder } = await importModel(path, { home: home() })
    const built = graphFolders(graphFolder)
    for (const one of built) mkdirSync(one)
    await expect(importModel(path, { home: home() })).rejects.toMatchObject({ code: 'invalid_request' })
    await importModel(path, { home: home(), replace: true })
    expect(built.map(existsSync)).toEqual([false, false])
  })

  test('lists and removes', async () => {
    expect(await listModels(home())).toEqual([])
    await importModel(writeModel('b.gguf'), { home: home() })
    await importModel(writeModel('a.gguf'), { home: home() })
    expect((await listModels(home())).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await removeModel(home(), 'a')).toBe(true)
    expect(await removeModel(home(), 'a')).toBe(false)
    expect((await listModels(home())).map(({ name }) => name)).toEqual(['b'])
  })

  test.each([
    ['a path that does not exist', () => join(folder, 'nowhere'), 'invalid_request'],
    ['a folder without graphs', () => folder, 'model_file_invalid'],
    ['a file that is no GGUF', writeText, 'model_file_invalid'],
    ['a pipe', makePipe, 'model_file_invalid'],
    ['a device', () => '/dev/zero', 'model_file_invalid'],
    [
      'weights of a type that cannot be read',
      () => writeWithType('blk.0.ffn_up.weight', 20),
      'model_file_invalid',
    ],
    ['embeddings of an unknown type', () => writeWithType('token_embd.weight', 99), 'model_file_invalid'],
    ['a model that lacks a weight', () => writeWithoutTensor('blk.0.attn_k.weight'), 'model_file_invalid'],
    ['a file without its last bytes', () => writePart(8), 'model_file_invalid'],
    [
      'a model of an unknown architecture',
      () => writeModel('e.gguf', { ...tinyTokenizer, 'general.architecture': 'rwkv' }),
      'model_file_invalid',
    ],
    ['graphs without a configuration', () => without(writeOnnxFolder(), 'config.json'), 'model_file_invalid'],
    ['a GGUF file without a tokenizer', () => writeModel('c.gguf', {}), 'model_file_invalid'],
    [
      'a model without a chat template',
      () => writeModel('d.gguf', { ...tinyTokenizer, 'tokenizer.chat_template': '{% for' }),
      'model_file_invalid',
    ],
  ])('refuses %s and leaves nothing', async (_, path, code) => {
    await expect(importModel(path(), { home: home() })).rejects.toMatchObject({ code })
    expect(await listModels(home())).toEqual([])
    expect(existsSync(home())).toBe(false)
  })

  describe('with its graph', () => {
    /** Rows that are no whole blocks are found once the graph is built. */
    const unbuildable = () => writeModel('other.gguf')
    function buildable(): string {
      const path = join(folder, 'tiny.gguf')
      writeFileSync(path, tinyGguf())
      return path
    }

    test('is registered ready for the first start', async () => {
      const told: string[] = []
      const options = { home: home(), prepare: true, onPrepare: (name: string) => told.push(name) }
      const model = await importModel(buildable(), options)
      expect(told).toEqual(['tiny'])
      const { ino } = statSync(join(model.graphFolder, 'graph.json'))
      await prepareModel(model)
      expect(statSync(join(model.graphFolder, 'graph.json')).ino).toBe(ino)
      expect(readdirSync(modelPaths(home(), 'tiny').folder).sort()).toEqual([
        'graph',
        'model.gguf',
        'model.json',
      ])
    })

    test('is not registered, and leaves nothing, when that cannot be built', async () => {
      const failure = importModel(unbuildable(), { home: home(), prepare: true })
      await expect(failure).rejects.toMatchObject({ code: 'model_file_invalid' })
      expect(readdirSync(join(home(), 'models'))).toEqual([])
    })

    test('leaves nothing when it is interrupted, and the next one works', async () => {
      const abort = new AbortController()
      const reason = new Error('stopped by the test')
      const options = {
        home: home(),
        prepare: true,
        signal: abort.signal,
        onPrepare: () => abort.abort(reason),
      }
      await expect(importModel(buildable(), options)).rejects.toBe(reason)
      expect(readdirSync(join(home(), 'models'))).toEqual([])
      await expect(importModel(buildable(), options)).rejects.toBe(reason)
      await importModel(buildable(), { home: home(), prepare: true })
    })

    test('keeps the model that was there, and its graph, when the new one fails', async () => {
      const good = await importModel(buildable(), { home: home(), prepare: true })
      const before = readFileSync(good.path)
      const again = { home: home(), replace: true, prepare: true }
      const stopped = { ...again, signal: AbortSignal.abort(new Error('stopped by the test')) }
      await expect(importModel(buildable(), stopped)).rejects.toThrow('stopped by the test')
      const attempts = [unbuildable(), writeWithType('blk.0.ffn_up.weight', 20), writePart(8)]
      for (const path of attempts) {
        const failure = importModel(path, { ...again, name: 'tiny' })
        await expect(failure).rejects.toMatchObject({ code: 'model_file_invalid' })
      }
      expect(await findModel(home(), 'tiny')).toEqual(good)
      expect(existsSync(join(good.graphFolder, 'graph.json'))).toBe(true)
      expect(readdirSync(modelPaths(home(), 'tiny').folder).sort()).toEqual([
        'graph',
        'model.gguf',
        'model.json',
      ])
      expect(before.equals(readFileSync(good.path))).toBe(true)
    })
  })

  test('files a model under the name that the catalogue has for the alias', async () => {
    const model = await importModel(writeModel('a.gguf'), { home: home(), name: 'qwen-0.5b' })
    expect(model.name).toBe('qwen2.5-coder-0.5b')
  })

  test('refuses a name that could leave the model folder', async () => {
    const failure = importModel(writeModel('a.gguf'), { home: home(), name: '../a' })
    await expect(failure).rejects.toMatchObject({ code: 'invalid_request', param: 'name' })
    expect(await findModel(home(), '../a')).toBeNull()
  })
})
