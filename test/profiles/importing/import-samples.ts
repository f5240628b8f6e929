import { zipSync } from 'fflate'
import type { ImportFile } from '../../../src/profiles/importing/import-file.ts'

/** Long enough to show a voice. */
export const LADDER =
  'Dear Ailsa, thank you for the ladder. I put it back behind your shed, on the dry side, and oiled the hinge while I was at it.'
export const TRAIN =
  'To the railway: the 7:40 was late for the ninth time this month. I want the fare back, and I want it before Friday.'

/** A file in memory, in pieces of a few bytes, so that every reader meets every cut. */
export function fileOf(name: string, content: string | Uint8Array, pieceBytes = 7): ImportFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += pieceBytes)
      yield bytes.subarray(start, start + pieceBytes)
  }
  return { name, modified: '2023-02-01', bytes: pieces() }
}

/** A conversation as ChatGPT exports it; each message follows the one before. */
export function chatGptExport(
  messages: readonly { role: string; text: string; id?: string; parent?: string }[],
  { current, title = 'Ladder' }: { current?: string; title?: string } = {},
) {
  const ids = messages.map(({ id }, index) => id ?? `m${index}`)
  const mapping = Object.fromEntries(
    messages.map(({ role, text, parent }, index) => [
      ids[index],
      {
        id: ids[index],
        parent: parent ?? ids[index - 1] ?? 'root',
        children: [],
        message: {
          id: ids[index],
          author: { role, name: null, metadata: {} },
          create_time: 1_700_000_000.5 + index,
          content: { content_type: 'text', parts: [text] },
          status: 'finished_successfully',
          metadata: {},
          recipient: 'all',
        },
      },
    ]),
  )
  return {
    title,
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_100.5,
    mapping: { root: { id: 'root', message: null, parent: null, children: [ids[0]] }, ...mapping },
    current_node: current ?? ids.at(-1),
    conversation_id: 'c-1',
  }
}

export function claudeExport(messages: readonly { sender: string; text: string; content?: unknown }[]) {
  return {
    uuid: 'u-1',
    name: 'Railway',
    created_at: '2024-03-01T10:00:00.000000Z',
    updated_at: '2024-03-02T10:00:00.000000Z',
    account: { uuid: 'a-1' },
    chat_messages: messages.map((message, index) => ({
      uuid: `m-${index}`,
      content: [],
      created_at: `2024-03-02T10:00:0${index}.000000Z`,
      attachments: [{ file_name: 'report.pdf', extracted_content: 'Nobody of ours wrote this.' }],
      files: [],
      ...message,
    })),
  }
}

export function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])))
}

export function mailOf(headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    From: 'Ann Lee <Ann@Example.org>',
    To: 'Ailsa Baird <ailsa@example.net>',
    Subject: 'The ladder',
    Date: 'Fri, 31 May 2024 10:00:00 +0200',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
