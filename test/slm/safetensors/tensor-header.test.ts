import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { readTensorHeader } from '../../../src/slm/safetensors/tensor-header.ts'
import { float32, type HubTensor, writeSafetensors } from './tiny-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-header-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'model.safetensors')
async function read(bytes: Uint8Array) {
  writeFileSync(path, bytes)
  return readTensorHeader(path)
}

const bytesOf = { F32: 4, F16: 2, BF16: 2, I64: 8, F8_E4M3: 1 } as const

const tensors = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__metadata__'),
  fc
    .record({
      dtype: fc.constantFrom(...(Object.keys(bytesOf) as (keyof typeof bytesOf)[])),
      shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    })
    .map(({ dtype, shape }): HubTensor => {
      const values = shape.reduce((product, size) => product * size, 1)
      return { dtype, shape, data: new Uint8Array(values * bytesOf[dtype]) }
    }),
  { maxKeys: 6 },
)

const two = { first: float32([2, 3], [1, 2, 3, 4, 5, 6]), second: float32([2], [7, 8]) }
type Header = Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }>
function altered(change: (header: Header) => void): Buffer {
  return writeSafetensors(two, (header) => {
    change(header as Header)
    return header
  })
}
function withHeaderOf(bytes: bigint): Buffer {
  const whole = writeSafetensors(two)
  whole.writeBigUInt64LE(bytes)
  return whole
}

describe('readTensorHeader', () => {
  test('finds every tensor of any file where it lies', async () => {
    await fc.assert(
      fc.asyncProperty(tensors, async (written) => {
        const bytes = writeSafetensors(written)
        const found = await read(bytes)
        expect([...found.keys()].toSorted()).toEqual(Object.keys(written).toSorted())
        let end = bytes.length - Object.values(written).reduce((sum, { data }) => sum + data.length, 0)
        for (const [name, { dtype, shape, data }] of Object.entries(written)) {
          const values = data.length / bytesOf[dtype as keyof typeof bytesOf]
          expect(found.get(name)).toMatchObject({ typeName: dtype, shape, values, offsetBytes: end })
          end += data.length
        }
      }),
    )
  })

  test('refuses a file that is cut anywhere, or goes on', async () => {
    const whole = writeSafetensors(two)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (end) => {
        await expect(read(whole.subarray(0, end))).rejects.toMatchObject({ code: 'model_file_invalid' })
      }),
    )
    await expect(read(Buffer.concat([whole, Buffer.alloc(1)]))).rejects.toThrow(/goes on after/)
  })

  test('refuses damage with what is wrong, or reads what is still whole', async () => {
    const whole = writeSafetensors(two)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
        const damaged = Buffer.from(whole)
        damaged[at] = byte
        const failure = await read(damaged).then(
          () => null,
          (error: unknown) => error,
        )
        if (failure === null) return
        expect(failure).toBeInstanceOf(GatewayError)
        expect(failure).toMatchObject({ code: 'model_file_invalid' })
      }),
    )
  })

  test.each([
    ['an empty file', Buffer.alloc(0), /ends before its header/],
    ['a header of absurd length', withHeaderOf(2n ** 60n), /absurd length/],
    ['a header that the file is too short for', withHeaderOf(4096n), /ends inside its header/],
    [
      'a header that is no JSON',
      Buffer.concat([withHeaderOf(8n).subarray(0, 8), Buffer.from('{{{{{{{{')]),
      /no JSON/,
    ],
    ['a header that is a list', writeSafetensors({}, () => []), /no JSON object/],
    ['a tensor without a type', altered(({ first }) => delete first?.dtype), /of first makes no sense/],
    [
      'negative sizes',
      altered(({ first }) => Object.assign(first as object, { shape: [-2, 3] })),
      /of first/,
    ],
    [
      'tensors that overlap',
      altered(({ second }) => Object.assign(second as object, { data_offsets: [20, 28] })),
      /second overlaps/,
    ],
    [
      'a gap between tensors',
      altered(({ second }) => Object.assign(second as object, { data_offsets: [28, 36] })),
      /leaves a gap/,
    ],
    [
      'an end before the beginning',
      altered(({ first }) => Object.assign(first as object, { data_offsets: [24, 0] })),
      /overlaps/,
    ],
    [
      'fewer bytes than the shape takes',
      altered(({ first }) => Object.assign(first as object, { shape: [3, 3] })),
      /first has not the bytes/,
    ],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'model_file_invalid',
      message: expect.stringMatching(message),
    })
  })

  test('has no format for types that it does not know, and leaves the rest readable', async () => {
    const odd = { dtype: 'F4_NEW', shape: [4], data: new Uint8Array(2) }
    const found = await read(writeSafetensors({ odd, ...two }))
    expect(found.get('odd')).toMatchObject({ format: null, typeName: 'F4_NEW' })
    expect(found.get('second')?.format).not.toBeNull()
  })

  test('opens regular files alone', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const other of [pipe, '/dev/zero', folder, join(folder, 'none')])
      await expect(readTensorHeader(other)).rejects.toMatchObject({ code: 'model_file_invalid' })
  })
})
