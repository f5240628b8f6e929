import { GatewayError } from '../../gateway-error.ts'
import { chatGptConversation, chatGptRating } from './chatgpt-conversation.ts'
import { claudeConversation } from './claude-conversation.ts'
import type { Finding } from './finding.ts'
import { jsonItems } from './json-items.ts'
import { openWebUiMemory } from './open-webui-memory.ts'

export type JsonFormat = 'chatgpt' | 'claude' | 'open-webui'

/** What an item of a JSON file is read by; each returns null for items of other programs. */
const readers: Readonly<Record<JsonFormat, (item: unknown, place: string) => Finding[] | null>> = {
  chatgpt: (item, place) => chatGptConversation(item, place) ?? chatGptRating(item),
  claude: claudeConversation,
  'open-webui': openWebUiMemory,
}

const problems = {
  'not-json': 'is not valid JSON and was left out',
  'too-large': 'is too large and was left out',
  'cut-off': 'the file ends in the middle of a list; download or copy it again',
}

/**
 * What the JSON export of some program holds, item by item. `onFormat` hears of the program once it is known.
 * Rejects with `invalid_request` when nothing in the file is of a known form.
 */
export async function* conversationItems(
  bytes: AsyncIterable<Uint8Array>,
  { name, onFormat }: { readonly name: string; readonly onFormat: (format: JsonFormat) => void },
): AsyncGenerator<Finding> {
  let known = 0
  let unknown = 0
  let place = ''
  let count = 0
  for await (const read of jsonItems(bytes)) {
    place = `${name}, item ${++count}`
    if (read.type === 'broken') {
      yield { type: 'problem', place, message: problems[read.reason] }
      continue
    }
    for (const item of itemsWithin(read.value)) {
      const found = findingsOf(item, place)
      if (found === null) unknown += 1
      else {
        known += 1
        onFormat(found.format)
        yield* found.findings
      }
    }
  }
  if (known === 0 && (unknown > 0 || count > 0)) throw unknownJson(name)
  if (unknown > 0) yield { type: 'problem', place: name, message: `${unknown} items of an unknown form` }
}

function findingsOf(item: unknown, place: string): { format: JsonFormat; findings: Finding[] } | null {
  for (const format of Object.keys(readers) as JsonFormat[]) {
    const findings = readers[format](item, place)
    if (findings !== null) return { format, findings }
  }
  return null
}

/** Some exports put their list into an object, beside other things. */
function itemsWithin(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || findingsOf(value, '') !== null) return [value]
  const lists = Object.values(value).filter((inner) => Array.isArray(inner))
  return lists.length === 0 ? [value] : lists.flat()
}

function unknownJson(name: string): GatewayError {
  const message =
    `${name} holds neither conversations of ChatGPT or Claude nor memories of Open WebUI. ` +
    'Give the conversations.json of an export, or the whole zip.'
  return new GatewayError('invalid_request', message)
}
