import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modelFormatAt } from '../../../src/models/files/model-format.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-format-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function fill(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), '')
  }
}

describe('modelFormatAt', () => {
  test.each([
    ['safetensors', ['config.json', 'model.safetensors']],
    ['safetensors', ['model-00001-of-00002.safetensors', 'model.safetensors.index.json']],
    ['safetensors', ['model.safetensors', 'onnx/model_q4.onnx']],
    ['onnx', ['config.json', 'onnx/model_q4.onnx']],
    ['gguf', ['Tiny-00001-of-00002.gguf', 'Tiny-00002-of-00002.gguf']],
  ] as const)('takes a folder for %s by its files: %s', async (format, names) => {
    fill(...names)
    expect(await modelFormatAt(folder)).toEqual({ format, path: folder })
  })

  test('takes a file for GGUF, and one with the weights of a folder for its folder', async () => {
    fill('model.bin', 'model.safetensors')
    const file = join(folder, 'model.bin')
    expect(await modelFormatAt(file)).toEqual({ format: 'gguf', path: file })
    const weights = join(folder, 'model.safetensors')
    expect(await modelFormatAt(weights)).toEqual({ format: 'safetensors', path: folder })
  })

  test('finds nothing where nothing is', async () => {
    expect(await modelFormatAt(join(folder, 'nowhere'))).toBeNull()
  })

  test.each([
    [['README.md'], /it holds no model\. Give a GGUF file, a folder of the Hugging Face Hub/],
    [['a.gguf', 'b.gguf'], /name the file in it, such as a\.gguf/],
    [['model-00001-of-00002.safetensors'], /not model\.safetensors\.index\.json, which says what lies where/],
    [['adapter_config.json', 'adapter_model.safetensors'], /an adapter, not a model: merge it/],
    [['config.json', 'consolidated.safetensors'], /of safetensors it has consolidated\.safetensors alone/],
    [['config.json', 'pytorch_model.bin'], /pytorch_model\.bin, which may hold programs/],
    [['config.json', 'onnx/readme.txt'], /it holds no model/],
  ])('says of a folder with %s what to do', async (names, message) => {
    fill(...names)
    await expect(modelFormatAt(folder)).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringMatching(message),
    })
  })
})
