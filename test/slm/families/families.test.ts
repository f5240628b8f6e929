import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { anyFamily, familyNames, familyOf, isFamily } from '../../../src/slm/families/families.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { tinyMetadata, tinyTensors, writeGguf } from '../gguf/tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-families-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the table of families', () => {
  test.each(familyNames)('lets %s files be read, with q and k in the order of the graphs', async (name) => {
    const path = join(folder, `${name}.gguf`)
    writeFileSync(path, writeGguf(tinyMetadata(name), tinyTensors()))
    const model = await openGguf(path)
    expect(model.shape.family).toBe(name)
    const inFile = [0, 1, 2, 3]
    const reordered = familyOf(name).rotaryLayout === 'interleaved' ? [0, 2, 1, 3] : inFile
    expect(Array.from(await model.read('blk.0.attn_k.bias'))).toEqual(reordered)
    expect(Array.from(await model.read('blk.0.attn_v.bias'))).toEqual(inFile)
    await model.close()
  })

  test('is named in the refusal of any other', async () => {
    const path = join(folder, 'other.gguf')
    writeFileSync(path, writeGguf(tinyMetadata('mamba'), tinyTensors()))
    await expect(openGguf(path)).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringContaining(`"mamba". Take a ${anyFamily} model.`),
    })
  })

  test.each(['constructor', 'toString', '', 7, null])('does not hold %s', (name) => {
    expect(isFamily(name)).toBe(false)
  })
})
