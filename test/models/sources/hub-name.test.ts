import { describe, expect, test } from 'vitest'
import { hubName, isWantedFile, quantisationOf } from '../../../src/models/sources/hub-name.ts'

describe('hubName', () => {
  test.each([
    ['Maker/Tiny-3B', null],
    ['Maker/Tiny-3B:Q8_0', 'Q8_0'],
    ['Maker/Tiny-3B:UD-Q4_K_XL', 'UD-Q4_K_XL'],
    ['Maker/Tiny-3B:tiny.gguf', 'tiny.gguf'],
    ['Maker/Tiny-3B/BF16/tiny.gguf', 'BF16/tiny.gguf'],
    ['hf.co/Maker/Tiny-3B:Q8_0', 'Q8_0'],
    ['https://huggingface.co/Maker/Tiny-3B', null],
  ])('reads %s', (name, wanted) => {
    expect(hubName(name)).toEqual({ repo: 'Maker/Tiny-3B', wanted })
  })

  test.each([
    'tiny',
    'tiny:Q8_0',
    '/models/tiny.gguf',
    './tiny/model.gguf',
    'a/b/c',
    'a/b:',
    'a/b c',
    '../a/b',
  ])('takes %s for no repository', (name) => {
    expect(hubName(name)).toBeNull()
  })
})

test.each([
  ['Llama-3.2-1B-Instruct-Q4_K_M.gguf', 'Q4_K_M'],
  ['qwen2.5-0.5b-instruct-q4_k_m.gguf', 'Q4_K_M'],
  ['Llama-3.2-1B-Instruct-Q4_K_L.gguf', 'Q4_K_L'],
  ['Llama-3.2-1B-Instruct-Q4_0_4_4.gguf', 'Q4_0_4_4'],
  ['SmolLM2-135M-Instruct.IQ4_XS.gguf', 'IQ4_XS'],
  ['Qwen3-4B-UD-Q4_K_XL.gguf', 'UD-Q4_K_XL'],
  ['qwen2.5-0.5b-instruct-fp16.gguf', 'F16'],
  ['BF16/Qwen3-4B-BF16-00001-of-00002.gguf', 'BF16'],
  ['tiny.i1-Q6_K.gguf', 'Q6_K'],
  ['ggml-model-Q4_K_M-Q8_0.gguf', 'Q8_0'],
  ['gpt-oss-20b-MXFP4.gguf', 'MXFP4'],
  ['Q8_0/model.gguf', null],
  ['Qwen2.5-7B.gguf', null],
])('the quantisation of %s is %s', (file, label) => {
  expect(quantisationOf(file)).toBe(label)
})

test('a file is wanted by its quantisation, or by its name or that of any of its parts', () => {
  expect(isWantedFile('a/Tiny-Q8_0.gguf', 'q8_0')).toBe(true)
  expect(isWantedFile('a/Tiny-FP16.gguf', 'fp16')).toBe(true)
  expect(isWantedFile('a/Tiny-Q8_0.gguf', 'Q8')).toBe(false)
  for (const name of ['tiny-q8_0.gguf', 'a/Tiny-Q8_0.gguf'])
    expect(isWantedFile('a/Tiny-Q8_0.gguf', name)).toBe(true)
  expect(isWantedFile('T-Q8_0-00001-of-00002.gguf', 'T-Q8_0-00002-of-00002.gguf')).toBe(true)
  expect(isWantedFile('T-Q8_0-00001-of-00002.gguf', 'T-Q8_0-00001-of-00003.gguf')).toBe(false)
})
