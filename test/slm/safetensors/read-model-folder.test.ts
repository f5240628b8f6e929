import { existsSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { openModelFolder } from '../../../src/slm/safetensors/open-model-folder.ts'
import { readModelFolder } from '../../../src/slm/safetensors/read-model-folder.ts'
import type { ModelShape } from '../../../src/slm/weights/model-shape.ts'
import { weightShapes } from '../../../src/slm/weights/weight-shapes.ts'
import { tinyFamilies } from '../families/tiny-families.ts'
import {
  float32,
  type HubTensor,
  splitInTwo,
  type TinyFamilyName,
  type TinyFolder,
  tinyFolder,
  writeSafetensors,
} from './tiny-folder.ts'

/** Numbers as far as float32 keeps them, which GGUF has them in. */
function rounded(shape: ModelShape): unknown {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value
  return JSON.parse(JSON.stringify(shape, round))
}

let made: TinyFolder
async function make(name: TinyFamilyName): Promise<TinyFolder> {
  made = await tinyFolder(name)
  return made
}
afterEach(() => made.remove())

describe('a folder of the hub', () => {
  test.each(Object.keys(tinyFamilies) as TinyFamilyName[])(
    'is the model that the GGUF file of the same weights is: %s',
    async (name) => {
      const { file, folder } = await make(name)
      const [ofFile, ofFolder] = [await openGguf(file), await openModelFolder(folder)]
      expect(rounded(ofFolder.shape)).toEqual(rounded(ofFile.shape))
      ofFolder.requireReadable()
      const divisors = ofFile.shape.rotations.map((rotation) => rotation?.divisors ?? '')
      // Those of Llama 3.2 follow from other numbers in the file of the tests
      const named = name === 'llama-3.2' ? [] : divisors
      for (const weight of [...weightShapes(ofFile.shape).all.keys(), ...named]) {
        expect(ofFolder.has(weight), weight).toBe(ofFile.has(weight))
        if (!ofFile.has(weight)) continue
        const [expected, read] = [await ofFile.read(weight), await ofFolder.read(weight)]
        expect(read.length, weight).toBe(expected.length)
        const apart = expected.reduce(
          (most, value, at) => Math.max(most, Math.abs(value - (read[at] ?? Number.NaN))),
          0,
        )
        expect(apart, weight).toBeLessThan(1e-6)
      }
      await ofFile.close()
      await ofFolder.close()
    },
  )

  test('has divisors of Llama 3 that leave fast pairs alone and stretch slow ones', async () => {
    const { folder } = await make('llama-3.2')
    const divisors = (await readModelFolder(folder)).computed.get('rope_freqs.weight') ?? []
    expect(divisors).toHaveLength(16)
    expect([divisors[0], divisors[15]]).toEqual([1, 32])
    expect(Array.from(divisors)).toEqual(Array.from(divisors).toSorted((a, b) => a - b))
  })
})

describe('the head of a folder', () => {
  const head = { 'lm_head.weight': float32([301, 64], new Float32Array(301 * 64)) }
  const heads = async (config: Record<string, unknown>, given: boolean) => {
    const { folder, put, config: before, tensors } = await make('qwen3')
    put('config.json', { ...before, ...config })
    put('model.safetensors', writeSafetensors({ ...tensors, ...(given && head) }))
    const { shape, has, close } = await openModelFolder(folder)
    await close()
    expect(has('output.weight')).toBe(!shape.tiedEmbeddings)
    return shape.tiedEmbeddings ? 'embedding' : 'own'
  }

  test.each([
    ['is its own where the configuration says so', { tie_word_embeddings: false }, true, 'own'],
    [
      'is the embedding where it says so, whatever there is',
      { tie_word_embeddings: true },
      true,
      'embedding',
    ],
    ['is its own where nothing is said and it is there', {}, true, 'own'],
    ['is the embedding where nothing is said and none is there', {}, false, 'embedding'],
  ] as const)('%s', async (_, config, given, expected) => {
    expect(await heads(config, given)).toBe(expected)
  })

  test('is missed where the configuration wants one', async () => {
    await expect(heads({ tie_word_embeddings: false }, false)).rejects.toThrow(/no tensor lm_head\.weight/)
  })
})

describe('a folder that cannot be used', () => {
  beforeEach(async () => {
    await make('qwen3')
  })
  const change = (config: Record<string, unknown>) => made.put('config.json', { ...made.config, ...config })
  const split = () => splitInTwo(made)
  const weights = (own: Readonly<Record<string, HubTensor | undefined>>) => {
    const all = Object.entries({ ...made.tensors, ...own })
    const given = all.flatMap(([name, tensor]) => (tensor === undefined ? [] : [[name, tensor] as const]))
    made.put('model.safetensors', writeSafetensors(Object.fromEntries(given)))
  }
  const norm = 'model.layers.1.input_layernorm.weight'

  test.each([
    [
      'of another family',
      () => change({ model_type: 'mamba' }),
      /"mamba", which is none of llama, .*llama-cpp/,
    ],
    ['of no configuration', () => rmSync(join(made.folder, 'config.json')), /no config\.json/],
    ['of a configuration without sizes', () => change({ hidden_size: undefined }), /no usable hidden_size/],
    [
      'of broken configuration',
      () => made.put('config.json', '{"model_type":'),
      /config\.json .*not the JSON/,
    ],
    [
      'of quantised weights',
      () => change({ quantization_config: { quant_method: 'fp8' } }),
      /quantised \(fp8\)\. Take the folder with bf16/,
    ],
    ['of another activation', () => change({ hidden_act: 'relu' }), /activation is "relu"/],
    [
      'of positions that nothing here computes',
      () => change({ rope_scaling: { rope_type: 'dynamic', factor: 2 } }),
      /stretched by "dynamic"/,
    ],
    [
      'of positions without their factor',
      () => change({ rope_scaling: { rope_type: 'linear' } }),
      /no usable factor/,
    ],
    ['of recurrent layers', () => change({ layer_types: ['full_attention', 'mamba'] }), /kind "mamba"/],
    ['of too few kinds of layers', () => change({ layer_types: ['full_attention'] }), /1 of 2 layers/],
    [
      'without weights',
      () => rmSync(join(made.folder, 'model.safetensors')),
      /neither model\.safetensors nor/,
    ],
    [
      'cut short',
      () => truncateSync(join(made.folder, 'model.safetensors'), 5000),
      /incomplete|inside its header/,
    ],
    [
      'with a part missing',
      () => rmSync(join(made.folder, split().part(1))),
      /its part model-00002-of-00002\.safetensors is missing/,
    ],
    [
      'whose index has a tensor elsewhere',
      () => {
        const { weight_map, part } = split()
        made.put('model.safetensors.index.json', { weight_map: { ...weight_map, [norm]: part(0) } })
      },
      /model-00001-of-00002\.safetensors .*no model\.layers\.1\.input_layernorm\.weight/,
    ],
    [
      'whose index leaves the folder',
      () => {
        const { weight_map } = split()
        made.put('model.safetensors.index.json', {
          weight_map: { ...weight_map, other: '../other.safetensors' },
        })
      },
      /index\.json .*not the JSON/,
    ],
    [
      'with a tensor twice',
      () => weights({ 'norm.weight': made.tensors['model.norm.weight'] }),
      /model\.norm\.weight twice/,
    ],
  ])('%s is refused', async (_, damage, message) => {
    damage()
    await expect(openModelFolder(made.folder)).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringMatching(message),
    })
  })

  test.each([
    ['lacks a weight', () => weights({ [norm]: undefined }), new RegExp(`no tensor ${norm}`)],
    [
      'has a weight of another size',
      () => weights({ [norm]: float32([32], new Float32Array(32)) }),
      new RegExp(`${norm} has 32 instead of 64`),
    ],
    [
      'has weights of a type that cannot be read',
      () => weights({ [norm]: { dtype: 'F8_E4M3', shape: [64], data: new Uint8Array(64) } }),
      /type F8_E4M3\. Take the folder with bf16/,
    ],
    [
      'has a tensor that takes part in nothing',
      () => weights({ 'model.layers.0.mlp.router.weight': float32([1], [1]) }),
      /has a tensor model\.layers\.0\.mlp\.router\.weight, which nothing/,
    ],
  ])('one that %s is named', async (_, damage, message) => {
    damage()
    const model = await openModelFolder(made.folder)
    await model.close()
    expect(() => model.requireReadable()).toThrow(message)
  })

  test('a split one is whole with its parts', async () => {
    split()
    const model = await openModelFolder(made.folder)
    model.requireReadable()
    expect(Array.from(await model.read('blk.1.attn_norm.weight'))).toEqual(
      Array.from(new Float32Array((made.tensors[norm] as HubTensor).data.buffer)),
    )
    await model.close()
    expect(existsSync(join(made.folder, 'model.safetensors'))).toBe(false)
  })
})
