import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { float32Tensor, tinyMetadata, tinyTensors, writeGguf } from './tiny-gguf.ts'

const root = mkdtempSync(join(tmpdir(), 'costeer-parts-'))
afterAll(() => rmSync(root, { recursive: true }))

function part(number: number, count = 3): string {
  return `tiny-${String(number).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`
}

/** A model in three files, of which the last lists the tensors that the second lacks. */
function splitModel(): string {
  const folder = mkdtempSync(join(root, 'model-'))
  const split = (number: number) => ({ 'split.no': number, 'split.count': 3 })
  const [embedding, ...others] = tinyTensors()
  const first = writeGguf({ ...tinyMetadata('qwen2'), ...split(0) }, [])
  writeFileSync(join(folder, part(1)), first)
  writeFileSync(join(folder, part(2)), writeGguf(split(1), others))
  const last = embedding === undefined ? [] : [embedding]
  writeFileSync(join(folder, part(3)), writeGguf(split(2), last))
  return folder
}

describe('a split model', () => {
  test.each(['first part', 'last part', 'folder'])('is opened by its %s', async (named) => {
    const folder = splitModel()
    const paths = { 'first part': part(1), 'last part': part(3), folder: '' } as Record<string, string>
    const model = await openGguf(join(folder, paths[named] ?? ''))
    expect(model.shape.vocabularySize).toBe(3)
    expect(Array.from(await model.read('token_embd.weight'))).toEqual(Array.from(Array(24).keys()))
    expect(Array.from(await model.read('blk.0.attn_k.bias'))).toEqual([0, 1, 2, 3])
    await model.close()
  })

  test('without one of its parts is refused by the name of that part', async () => {
    const folder = splitModel()
    rmSync(join(folder, part(2)))
    await expect(openGguf(join(folder, part(1)))).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringContaining(part(2)),
    })
  })

  test('whose parts were renamed is refused', async () => {
    const folder = splitModel()
    const file = join(folder, 'renamed.gguf')
    const split = { 'split.no': 0, 'split.count': 2 }
    const tensors = [float32Tensor('token_embd.weight', [1, 8], Array(8).fill(0))]
    writeFileSync(file, writeGguf({ ...tinyMetadata('qwen2'), ...split }, tensors))
    await expect(openGguf(file)).rejects.toMatchObject({ message: expect.stringContaining('part 1') })
  })
})
