import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importModel } from '../../src/models/import.ts'
import { findModel, listModels, removeModel } from '../../src/models/model-folder.ts'
import { recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'
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

function writeOnnxFolder(): string {
  const path = join(folder, 'My Model')
  mkdirSync(join(path, 'onnx'), { recursive: true })
  writeFileSync(join(path, 'onnx', 'model_q4.onnx'), 'graph')
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(recordedTokenizers.qwen2.tokenizerJson))
  writeFileSync(join(path, 'chat_template.jinja'), PLAIN_TEMPLATE)
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

  test('registers a folder in the onnx-community layout', async () => {
    const model = await importModel(writeOnnxFolder(), { home: home(), name: 'mine' })
    expect(model).toMatchObject({ name: 'mine', format: 'onnx', sha256: null })
    expect(readFileSync(join(model.path, 'onnx', 'model_q4.onnx'), 'utf8')).toBe('graph')
  })

  test('replaces a model only when told to, and drops what was built from the old one', async () => {
    const path = writeModel('a.gguf')
    const { graphFolder } = await importModel(path, { home: home() })
    mkdirSync(graphFolder)
    await expect(importModel(path, { home: home() })).rejects.toMatchObject({ code: 'invalid_request' })
    await importModel(path, { home: home(), replace: true })
    expect(() => readFileSync(graphFolder)).toThrow('ENOENT')
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
    ['a GGUF file without a tokenizer', () => writeModel('c.gguf', {}), 'model_file_invalid'],
    [
      'a model without a chat template',
      () => writeModel('d.gguf', { ...tinyTokenizer, 'tokenizer.chat_template': '{% for' }),
      'model_file_invalid',
    ],
  ])('refuses %s and leaves nothing', async (_, path, code) => {
    await expect(importModel(path(), { home: home() })).rejects.toMatchObject({ code })
    expect(await listModels(home())).toEqual([])
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
