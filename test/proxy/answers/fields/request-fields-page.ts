import { chatFields } from '../../../../src/proxy/answers/chat/chat-fields.ts'
import { completionFields } from '../../../../src/proxy/answers/completions/completion-fields.ts'
import type { FieldTable } from '../../../../src/proxy/answers/fields/field-table.ts'
import { messageFields } from '../../../../src/proxy/answers/messages/message-fields.ts'
import { ollamaChatFields, ollamaGenerateFields } from '../../../../src/proxy/answers/ollama/ollama-fields.ts'
import { responseFields } from '../../../../src/proxy/answers/responses/response-fields.ts'

/** `docs/request-fields.md`, whole. */
export function requestFieldsPage(): string {
  return [
    ...introduction,
    ...section('POST /v1/chat/completions', chatFields),
    ...section('POST /v1/completions', completionFields),
    ...section('POST /v1/responses', responseFields),
    ...section('POST /v1/messages', messageFields),
    ...section('POST /api/chat', ollamaChatFields),
    ...section('POST /api/generate', ollamaGenerateFields),
  ].join('\n')
}

const introduction = [
  '# Request fields',
  '',
  '<!-- Made by "npm run docs" from the tables of fields in src/proxy/answers. Edit those. -->',
  '',
  'No field of a request is dropped silently. Each has one of these fates:',
  '',
  '- **honoured**: it shapes the answer.',
  '- **harmless**: it cannot change what the answer says. It is accepted without effect, and named in the',
  '  response header `x-costeer-ignored`, unless it is `false`.',
  '- **neutral**: steering cannot do what it asks for. The values listed ask for nothing; any other takes the',
  '  whole request past steering ([Bypass](api.md#bypass)).',
  '',
  '`null` always means the default. Fields that are not listed (`think`, `options`, `session_id` and the like) go',
  'along with a request that takes its way past steering. Otherwise they are dropped, and named in',
  '`x-costeer-ignored`. That header names at most 32 fields, each cut to letters, digits, `_`, `-`, `.` and',
  'brackets, and to 64 characters. Only inside `costeer` are they refused by name with a 400.',
  '',
  'Values that have no meaning are refused with a 400, unless the request takes its way past steering: then it is',
  "the server's to judge.",
  '',
]

function section(title: string, table: FieldTable): string[] {
  const lines = rowsOf(table).map((cells) => `| ${cells.join(' | ')} |`)
  return [`## ${title}`, '', '| field | fate | values | default |', '|---|---|---|---|', ...lines, '']
}

const fates = ['honoured', 'harmless', 'neutral'] as const

/** The fields of a table by their fate, each followed by those of the objects that it holds. */
function rowsOf(table: FieldTable, prefix = ''): string[][] {
  const rows = Object.entries(table).sort(([, a], [, b]) => fates.indexOf(a.fate) - fates.indexOf(b.fate))
  return rows.flatMap(([name, row]) => {
    const field = prefix + name
    const cells = [`\`${field}\``, row.fate]
    if (row.fate !== 'honoured') return [[...cells, row.values, '']]
    const { doc, inner, schema } = row
    const isList = !schema.safeParse({}).success
    const below = inner === undefined ? [] : rowsOf(inner, `${field}${isList ? '[]' : ''}.`)
    return [[...cells, doc.values, doc.default ?? ''], ...below]
  })
}
