import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { ImportFile } from '../../../src/profiles/importing/import-file.ts'
import { previewImport } from '../../../src/profiles/importing/import-preview.ts'
import { CANARY, sampleProfile } from '../sample-profile.ts'
import { chatGptExport, claudeExport, fileOf, LADDER, mailOf, TRAIN, zipOf } from './import-samples.ts'

function preview(
  files: ImportFile | readonly ImportFile[],
  { profile = sampleProfile(), from = ['ann@example.org'] } = {},
) {
  return previewImport([files].flat(), profile, { from })
}

const conversation = chatGptExport([
  { role: 'user', text: LADDER },
  { role: 'assistant', text: `${TRAIN} Signed, the machine.`, id: 'answer-1' },
])

describe('an import', () => {
  test("takes the user's own messages from a ChatGPT export", async () => {
    const { format, texts, counts } = await preview(
      fileOf('conversations.json', JSON.stringify([conversation])),
    )
    expect(format).toBe('chatgpt')
    expect(texts).toEqual([
      {
        text: LADDER,
        task: 'Write a message to an assistant: Ladder',
        date: '2023-11-14',
        kind: 'written',
        place: 'conversations.json, item 1',
        like: null,
      },
    ])
    expect(counts).toMatchObject({ read: 1, new: 1 })
  })

  test.each(['before', 'after'] as const)(
    'takes answers that were rated good, rated %s them',
    async (order) => {
      const rating = {
        message_id: 'answer-1',
        conversation_id: 'c1',
        user_id: 'u',
        rating: 'thumbsUp',
        content: '{}',
      }
      const files = {
        'chat.html': '<html>',
        'conversations.json': JSON.stringify([conversation]),
        'message_feedback.json': JSON.stringify([
          rating,
          { ...rating, message_id: 'x', rating: 'thumbsDown' },
        ]),
        'user.json': JSON.stringify({ id: CANARY }),
      }
      const entries = Object.entries(files)
      const zip = zipOf(Object.fromEntries(order === 'before' ? entries.toReversed() : entries))
      const { format, texts } = await preview(fileOf('export.zip', zip))
      expect(format).toBe('chatgpt')
      expect(texts.map(({ kind, task }) => [kind, task])).toContainEqual(['kept', LADDER])
      expect(texts).toHaveLength(2)
    },
  )

  test('takes what was written to Claude, without attachments', async () => {
    const claude = claudeExport([
      { sender: 'human', text: TRAIN },
      { sender: 'assistant', text: LADDER },
      { sender: 'human', text: '', content: [{ type: 'text', text: `${LADDER} Yours, Ann` }] },
    ])
    const { format, texts } = await preview(fileOf('conversations.json', JSON.stringify([claude])))
    expect(format).toBe('claude')
    expect(texts.map(({ text, date }) => [text, date])).toEqual([
      [TRAIN, '2024-03-02'],
      [`${LADDER} Yours, Ann`, '2024-03-02'],
    ])
  })

  test('takes memories of Open WebUI as facts', async () => {
    const memory = (content: string) => ({ id: 'm', user_id: 'u', content, created_at: 1, updated_at: 2 })
    const memories = [memory('She keeps bees.'), memory('Likes  tea.'), memory('Likes tea.')]
    const { format, texts, facts } = await preview(fileOf('memories.json', JSON.stringify(memories)))
    expect(format).toBe('open-webui')
    expect(texts).toEqual([])
    expect(facts).toEqual([
      { text: 'She keeps bees.', like: 'same' },
      { text: 'Likes tea.', like: null },
    ])
  })

  test('takes own mail alone, newest first, and counts the senders', async () => {
    const mbox = [
      mailOf({}, LADDER),
      mailOf({ From: 'bob@example.net' }, TRAIN),
      mailOf({ Date: 'Sat, 1 Jun 2024 10:00:00 +0000', Subject: 'Re: Late trains' }, TRAIN),
    ]
      .map((mail) => `From someone Fri May 31 10:00:00 2024\n${mail}\n\n`)
      .join('')
    const { format, texts, senders, counts } = await preview(fileOf('Sent', mbox))
    expect(format).toBe('mbox')
    expect(texts.map(({ task, text, date }) => [task, text, date])).toEqual([
      ['Answer an email from Ailsa Baird about this: Late trains', TRAIN, '2024-06-01'],
      ['Write an email to Ailsa Baird about this: The ladder', LADDER, '2024-05-31'],
    ])
    expect(senders).toEqual([
      { address: 'ann@example.org', messages: 2 },
      { address: 'bob@example.net', messages: 1 },
    ])
    expect(counts.leftOut).toEqual([{ reason: 'not-yours', count: 1 }])
  })

  test('asks which sender the user is', async () => {
    const { texts, needsFrom, senders } = await preview(fileOf('a.eml', mailOf({}, LADDER)), { from: [] })
    expect([texts, needsFrom]).toEqual([[], true])
    expect(senders).toEqual([{ address: 'ann@example.org', messages: 1 }])
  })

  test('takes the date of a text in a zip from the zip', async () => {
    const mtime = new Date(2021, 4, 17, 12)
    const zip = zipSync({ 'letter.txt': [Buffer.from(LADDER), { mtime }] })
    const { texts } = await preview(fileOf('texts.zip', zip))
    expect(texts.map(({ date }) => date)).toEqual(['2021-05-17'])
  })

  test('drops what the profile has, word for word or nearly, and what stands twice', async () => {
    const profile = sampleProfile({
      history: [{ text: LADDER.toUpperCase().toLowerCase() }, { text: TRAIN }],
    })
    const other =
      'A wholly other letter about lentils, onions and cumin, which nobody has ever sent to anybody.'
    const files = [
      fileOf('1.txt', LADDER.replace('ladder', 'long ladder')),
      fileOf('2.txt', ` ${TRAIN.replaceAll(' ', '  ')}\n`),
      fileOf('3.txt', other),
      fileOf('4.md', `# Lentils\n\n${other}`),
    ]
    const { texts, counts } = await preview(files, { profile })
    expect(texts.map(({ like }) => like)).toEqual(['similar', 'same', null, 'same'])
    expect(counts).toMatchObject({ read: 4, new: 1, same: 2, similar: 1 })
  })

  test('leaves out what shows no voice, and what no small model can read', async () => {
    const files = [fileOf('1.txt', 'Thanks, see you.'), fileOf('2.txt', 'word '.repeat(5000), 4096)]
    const { texts, counts } = await preview(files)
    expect(texts).toEqual([])
    expect(counts.leftOut).toEqual([
      { reason: 'too-short', count: 1 },
      { reason: 'too-long', count: 1 },
    ])
  })

  test('reads the rest where a part is broken', async () => {
    const source = `[{"title": ${CANARY}}, ${JSON.stringify(conversation)}, {"title": "${CANARY}`
    const { texts, problems } = await preview(fileOf('conversations.json', source))
    expect(texts).toHaveLength(1)
    expect(problems.map(({ place, message }) => `${place}: ${message}`)).toEqual([
      'conversations.json, item 1: is not valid JSON and was left out',
      'conversations.json, item 3: the file ends in the middle of a list; download or copy it again',
    ])
  })

  test.each([
    ['a file of another kind', 'photo.png', Buffer.from([0x89, 0x50, 0, 1])],
    ['an empty file', 'a.txt', ''],
    ['JSON of another program', 'data.json', `{"secret": "${CANARY}"}`],
    [
      'a zip that is cut off',
      'export.zip',
      zipOf({ 'conversations.json': `["${CANARY}"]`.repeat(99) }).subarray(0, 60),
    ],
    ['a zip without anything to read', 'export.zip', zipOf({ 'photo.png': CANARY })],
    ['a document of an office', 'letter.docx', zipOf({ 'word.xml': CANARY })],
  ])('refuses %s, without its text', async (_what, name, content) => {
    const refused = await preview(fileOf(name, content)).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(name) })
    expect(JSON.stringify([refused, String(refused), (refused as Error).stack])).not.toContain(CANARY)
  })

  test('says of a file among others that it cannot be read', async () => {
    const { texts, problems } = await preview([fileOf('a.txt', LADDER), fileOf('b.png', 'GIF89a\0')])
    expect(texts).toHaveLength(1)
    expect(problems).toMatchObject([{ place: 'b.png', message: expect.stringContaining('no known kind') }])
  })
})
