import { GatewayError } from '../../gateway-error.ts'
import { conversationItems, type JsonFormat } from './conversation-items.ts'
import type { Finding } from './finding.ts'
import { beginsAsMail, mailMessage } from './mail-message.ts'
import { beginsAsMbox, mboxMessages } from './mbox-messages.ts'
import { isDocumentName, writtenDocument } from './written-document.ts'
import { zipEntries } from './zip-entries.ts'

export type ImportFormat = JsonFormat | 'mbox' | 'eml' | 'markdown' | 'text' | 'zip'

/** A file to read texts from. */
export interface ImportFile {
  readonly name: string
  /** When it was last changed, as a date; for texts that do not say it themselves. */
  readonly modified: string | null
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface ImportOptions {
  /** The user's mail addresses, in lower case. */
  readonly from: ReadonlySet<string>
  /** Called with each format that the file turns out to have; a zip's own files come after it. */
  readonly onFormat: (format: ImportFormat) => void
}

/** As much of a file's beginning as tells its format. */
const HEAD_BYTES = 8 * 1024
const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024
/** A file that is read whole: a single message, or a text. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024
/** In a zip, what the name says must do: exports hold much else. */
const WANTED_ENTRY =
  /(?:^|\/)(?:[^/]*conversations[^/]*\.json|message_feedback\.json|[^/]*memor[^/]*\.json|[^/]+\.(?:mbox|eml))$/i

/**
 * What a file holds, as it is read; its format is known by its beginning and its name. Rejects with
 * `invalid_request` when the file as a whole cannot be read.
 */
export async function* importFile(file: ImportFile, options: ImportOptions): AsyncGenerator<Finding> {
  yield* findings({ ...file, bytes: limited(file) }, options, true)
}

async function* findings(
  file: ImportFile,
  options: ImportOptions,
  mayBeZip: boolean,
): AsyncGenerator<Finding> {
  const { name } = file
  const { head, bytes } = await peeked(file.bytes)
  if (head.length === 0) throw unreadable(name, 'is empty')
  const begin = head.toString('latin1')
  if (begin.startsWith('PK\x03\x04')) {
    if (!mayBeZip || isOfficeDocument(name)) throw unreadable(name, UNKNOWN)
    options.onFormat('zip')
    yield* zipFindings({ ...file, bytes }, options)
  } else if (/^(?:\xef\xbb\xbf)?\s*[[{]/.test(begin) && !isDocumentName(name)) {
    yield* conversationItems(bytes, { name, onFormat: options.onFormat })
  } else if (beginsAsMbox(head)) {
    options.onFormat('mbox')
    yield* mboxFindings({ ...file, bytes }, options)
  } else if (/\.eml$/i.test(name) || (beginsAsMail(begin) && !isDocumentName(name))) {
    options.onFormat('eml')
    yield* await mailMessage(await whole(name, bytes), { from: options.from, place: name })
  } else if (isDocumentName(name)) {
    options.onFormat(/\.(?:txt|text)$/i.test(name) ? 'text' : 'markdown')
    yield* writtenDocument(await whole(name, bytes), file)
  } else throw unreadable(name, UNKNOWN)
}

async function* zipFindings(file: ImportFile, options: ImportOptions): AsyncGenerator<Finding> {
  const wants = (name: string) => {
    const isHidden = name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX')
    return !isHidden && (WANTED_ENTRY.test(name) || isDocumentName(name))
  }
  let read = 0
  let failure = unreadable(file.name, 'holds no conversations, mail or texts')
  for await (const { name, bytes, modified } of zipEntries(file.bytes, { name: file.name, wants })) {
    try {
      yield* findings({ name, bytes, modified: modified ?? file.modified }, options, false)
      read += 1
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      failure = error
      yield { type: 'problem', place: name, message: error.message }
    }
  }
  if (read === 0) throw failure
}

async function* mboxFindings({ name, bytes }: ImportFile, { from }: ImportOptions): AsyncGenerator<Finding> {
  let count = 0
  for await (const message of mboxMessages(bytes)) {
    yield* await mailMessage(message, { from, place: `${name}, message ${++count}` })
  }
}

async function peeked(bytes: AsyncIterable<Uint8Array>) {
  const chunks = bytes[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  while (size < HEAD_BYTES) {
    const next = await chunks.next()
    if (next.done === true) break
    first.push(next.value.slice())
    size += next.value.length
  }
  async function* again(): AsyncGenerator<Uint8Array> {
    yield* first
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), bytes: again() }
}

async function whole(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > MAX_WHOLE_BYTES) throw unreadable(name, `is larger than ${MAX_WHOLE_BYTES} bytes`)
    chunks.push(chunk.slice())
  }
  return Buffer.concat(chunks)
}

async function* limited({ name, bytes }: ImportFile): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > MAX_FILE_BYTES) {
      throw unreadable(name, `is larger than ${MAX_FILE_BYTES} bytes; export a shorter time, or split it`)
    }
    yield chunk
  }
}

const UNKNOWN =
  'is of no known kind; what can be read are exports of ChatGPT, Claude and Open WebUI, mbox, eml, Markdown and text, ' +
  'also in a zip'

function isOfficeDocument(name: string): boolean {
  return /\.(?:docx|xlsx|pptx|odt|ods|odp|epub|pages)$/i.test(name)
}

function unreadable(name: string, reason: string): GatewayError {
  return new GatewayError('invalid_request', `${name} ${reason}.`)
}
