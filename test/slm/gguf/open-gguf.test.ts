import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { float32Tensor, tinyMetadata, tinyTensors, writeGguf } from './tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-gguf-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function stored(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.gguf`)
  writeFileSync(path, bytes)
  return path
}

function refusal(bytes: Uint8Array) {
  return openGguf(stored(bytes)).then(
    async (model) => {
      await model.close()
      return null
    },
    (error: unknown) => error,
  )
}

describe('openGguf', () => {
  test('opens regular files alone', async () => {
    const pipe = join(folder, 'pipe.gguf')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, '/dev/zero', folder])
      await expect(openGguf(path)).rejects.toMatchObject({ code: 'model_file_invalid' })
  })

  test('reads sizes, names and tensors', async () => {
    const model = await openGguf(stored(writeGguf(tinyMetadata('qwen2'), tinyTensors())))
    expect(model.shape).toMatchObject({
      family: 'qwen2',
      layers: 1,
      hidden: 8,
      heads: 2,
      kvHeads: 1,
      headDim: 4,
      feedForward: 16,
      vocabularySize: 3,
      contextTokens: 64,
      rmsNormEpsilon: Math.fround(1e-5),
      tiedEmbeddings: true,
    })
    expect(model.has('token_embd.weight')).toBe(true)
    expect(model.has('output.weight')).toBe(false)
    expect(Array.from(await model.read('blk.0.attn_k.bias'))).toEqual([0, 1, 2, 3])
    await model.close()
  })

  test('brings q and k of llama files into the two-halves rotary layout, and nothing else', async () => {
    const model = await openGguf(stored(writeGguf(tinyMetadata('llama'), tinyTensors())))
    const q = await model.read('blk.0.attn_q.weight')
    const firstColumn = Array.from({ length: 8 }, (_, row) => (q[row * 8] ?? 0) / 8)
    expect(firstColumn).toEqual([0, 2, 1, 3, 4, 6, 5, 7])
    expect(Array.from(await model.read('blk.0.attn_k.bias'))).toEqual([0, 2, 1, 3])
    expect(Array.from(await model.read('blk.0.attn_v.bias'))).toEqual([0, 1, 2, 3])
    await model.close()
  })

  test('reads tensors larger than one chunk', async () => {
    const values = Array.from({ length: 3 * 2 ** 20 }, (_, i) => i)
    const tensors = [...tinyTensors(), float32Tensor('big', [values.length], values)]
    const model = await openGguf(stored(writeGguf(tinyMetadata('llama'), tensors)))
    expect(
      Buffer.from((await model.read('big')).buffer).equals(Buffer.from(Float32Array.from(values).buffer)),
    ).toBe(true)
    await model.close()
  })

  test('names a missing tensor', async () => {
    const model = await openGguf(stored(writeGguf(tinyMetadata('llama'), tinyTensors())))
    await expect(model.read('output.weight')).rejects.toMatchObject({ code: 'model_file_invalid' })
    await model.close()
  })

  test('refuses a file cut at any place', async () => {
    const whole = writeGguf(tinyMetadata('llama'), tinyTensors())
    for (let length = 0; length < whole.length - 16; length += 13) {
      expect(await refusal(whole.subarray(0, length))).toMatchObject({ code: 'model_file_invalid' })
    }
  })

  test('refuses a file whose sizes are absurd', async () => {
    const huge = { ...float32Tensor('huge', [2 ** 31, 2 ** 31], [1]) }
    expect(await refusal(writeGguf(tinyMetadata('llama'), [...tinyTensors(), huge]))).toMatchObject({
      code: 'model_file_invalid',
    })
  })

  test.each([
    ['another architecture', tinyMetadata('gemma'), 'gemma'],
    [
      'unknown positions',
      { ...tinyMetadata('llama'), 'llama.rope.scaling.type': 'su' },
      'llama.rope.scaling.type',
    ],
    ['a mixture of experts', { ...tinyMetadata('llama'), 'llama.expert_count': 8 }, 'experts'],
    ['a split model', { ...tinyMetadata('llama'), 'split.count': 3 }, 'split'],
    ['missing sizes', { 'general.architecture': 'llama' }, 'llama.block_count'],
  ])('refuses %s and says so', async (_, metadata, word) => {
    const error = await refusal(writeGguf(metadata, tinyTensors()))
    expect(error).toMatchObject({ code: 'model_file_invalid', message: expect.stringContaining(word) })
  })

  test('refuses a tensor type it cannot read, when it is read', async () => {
    const tensors = [...tinyTensors(), { name: 'odd', shape: [256], type: 16, data: new Uint8Array(66) }]
    const model = await openGguf(stored(writeGguf(tinyMetadata('llama'), tensors)))
    await expect(model.read('odd')).rejects.toMatchObject({ message: expect.stringContaining('IQ2_XXS') })
    await model.close()
  })
})
