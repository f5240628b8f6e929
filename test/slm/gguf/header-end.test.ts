import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { hasWholeHeader } from '../../../src/slm/gguf/header-end.ts'
import { float32Tensor, tinyMetadata, tinyTensors, writeGguf } from './tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-header-end-'))
afterAll(() => rmSync(folder, { recursive: true }))

function whole(bytes: Buffer): Promise<boolean> {
  const path = join(folder, 'beginning.gguf')
  writeFileSync(path, bytes)
  return hasWholeHeader(path)
}

const metadata = {
  ...tinyMetadata('llama'),
  texts: ['a', 'bc'],
  numbers: { integers: [1, 2, 3] },
  flags: { booleans: [true, false] },
  text: 'd',
}
/** Where the first tensor's values are, of which nothing else has the like. */
const values = float32Tensor('values', [8], new Array(8).fill(-7.25))
const file = writeGguf(metadata, [values, ...tinyTensors()])
const tensorsAt = file.indexOf(Buffer.from(values.data))

describe('the beginning of a GGUF file', () => {
  test('has all of the header once it reaches the tensors, and at no byte before their padding', async () => {
    // Up to 31 bytes of padding lie between the directory and the tensors
    expect(await whole(file.subarray(0, tensorsAt))).toBe(true)
    const cut = fc.integer({ min: 0, max: tensorsAt - 32 })
    await fc.assert(
      fc.asyncProperty(cut, async (bytes) => {
        expect(await whole(file.subarray(0, bytes))).toBe(false)
      }),
    )
  })

  test.each([
    ['another file', Buffer.from('PK\u0003\u0004 and what follows')],
    ['a page of a portal', Buffer.from('<!doctype html><title>Sign in</title>')],
    ['the first version', Buffer.concat([Buffer.from('GGUF'), Buffer.from([1, 0, 0, 0]), Buffer.alloc(90)])],
  ])('is refused of %s', async (_what, bytes) => {
    await expect(whole(bytes)).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringContaining('no GGUF file of version 2 or 3'),
    })
  })

  test('is refused where it has a value of no type', async () => {
    const broken = Buffer.from(file)
    broken.writeUInt32LE(99, broken.indexOf('general.architecture') + 'general.architecture'.length)
    await expect(whole(broken)).rejects.toThrow('its header is not that of a GGUF file')
  })
})
