import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textLines } from '../../../src/upstream/http/text-lines.ts'

async function linesOf(pieces: readonly Uint8Array[], maxEventCharacters = 1_000): Promise<string[]> {
  const lines: string[] = []
  async function* stream() {
    yield* pieces
  }
  for await (const line of textLines(stream(), { where: 'The server', maxEventCharacters })) lines.push(line)
  return lines
}

test('lines come whole and in order, wherever the bytes are cut; empty ones are left out', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(9)), fc.boolean(), async (lines, cuts, ends) => {
      let rest = Buffer.from(lines.join('\n') + (ends ? '\n' : ''))
      const pieces: Uint8Array[] = []
      for (const cut of cuts) {
        pieces.push(rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
      const expected = lines.filter((text) => text.trim() !== '')
      expect(await linesOf([...pieces, rest])).toEqual(expected)
    }),
  )
})

test('a line without an end is refused once it is too long', async () => {
  const pieces = [Buffer.from('a'.repeat(50)), Buffer.from('a'.repeat(60))]
  await expect(linesOf(pieces, 100)).rejects.toMatchObject({ code: 'upstream_invalid_reply' })
})
