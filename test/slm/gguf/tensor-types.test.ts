import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { tensorFormats } from '../../../src/slm/gguf/tensor-types.ts'

const fixture = z
  .record(z.string(), z.object({ type: z.number(), raw: z.base64(), values: z.base64() }))
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/dequantise.json', import.meta.url), 'utf8')))

function floats(base64: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new Float32Array(bytes.buffer)
}

describe('block formats', () => {
  test('cover exactly the recorded types', () => {
    expect(new Set(tensorFormats.keys())).toEqual(new Set(Object.values(fixture).map(({ type }) => type)))
  })

  test.each(Object.entries(fixture))(
    '%s gives the values of the reference implementation',
    (name, recorded) => {
      const format = tensorFormats.get(recorded.type)
      const expected = floats(recorded.values)
      const raw = Uint8Array.from(Buffer.from(recorded.raw, 'base64'))
      expect(format?.name).toBe(name)
      const out = new Float32Array(expected.length + 3).fill(7)
      format?.dequantise(raw, expected.length / format.values, out, 2)
      const scale = Math.max(...expected.map(Math.abs))
      for (const [i, value] of expected.entries()) {
        expect(Math.abs((out[i + 2] ?? Number.NaN) - value)).toBeLessThanOrEqual(scale * 2e-7)
      }
      expect([out[0], out[1], out[expected.length + 2]]).toEqual([7, 7, 7])
    },
  )
})
