import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mboxMessages } from '../../../src/profiles/importing/mbox-messages.ts'
import { fileOf } from './import-samples.ts'

const SEPARATOR = 'From ann@example.org Fri May 31 10:00:00 2024'

async function messages(source: string, pieceBytes: number): Promise<string[]> {
  const found: string[] = []
  for await (const message of mboxMessages(fileOf('', source, pieceBytes).bytes))
    found.push(Buffer.from(message).toString())
  return found.map((message) => message.trim())
}

test('finds the same messages however the bytes come (property)', async () => {
  const line = fc.constantFrom(
    'Hello',
    '',
    'From here on, no time',
    'From',
    '>From me',
    'x'.repeat(600),
    'From a b 1',
  )
  const bodies = fc.array(fc.array(line, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(bodies, fc.integer({ min: 1, max: 700 }), async (lines, pieceBytes) => {
      const written = lines.map((body) => ['Subject: x', '', ...body].join('\n'))
      const mbox = written
        .map((body) => `${SEPARATOR}\n${body.replaceAll(/^(>*From )/gm, '>$1')}\n\n`)
        .join('')
      expect(await messages(mbox, pieceBytes)).toEqual(written.map((body) => body.trim()))
    }),
    { numRuns: 200 },
  )
})

test('cuts a message where its attachments would fill the memory', async () => {
  const mbox = `${SEPARATOR}\nSubject: x\n\n${'x'.repeat(5_000_000)}\n${SEPARATOR}\nSubject: y\n\nHello\n`
  const [long, short] = await messages(mbox, 65_536)
  expect(long?.length).toBe(512 * 1024)
  expect(short).toContain('Hello')
})
