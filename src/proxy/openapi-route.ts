import { chatFields, messageFields } from './answers/chat/chat-fields.ts'
import { chatCompletionChunkSchema } from './answers/chat/chat-response-schema.ts'
import { completionFields } from './answers/completions/completion-fields.ts'
import { completionChunkSchema } from './answers/completions/completion-response-schema.ts'
import type { FieldTable } from './answers/fields/field-table.ts'
import { messageFields as messageRequestFields } from './answers/messages/message-fields.ts'
import { messageEventSchema } from './answers/messages/message-object-schema.ts'
import { ollamaChatFields, ollamaGenerateFields } from './answers/ollama/ollama-fields.ts'
import { responseFields } from './answers/responses/response-fields.ts'
import { responseEventSchema } from './answers/responses/response-object-schema.ts'
import { traceObjectSchema } from './answers/trace/trace-schema.ts'
import type { App } from './request/app-env.ts'

const DESCRIPTION = `An OpenAI-compatible API whose answers a private profile steers on this machine.

Requests that cannot be steered, and all routes below /v1 that are not described here, are passed as they are to the
server behind the model, where there is one.`

/** What a client sends that takes more fields than the ones that shape an answer. */
const openFields: Readonly<Record<string, FieldTable>> = {
  ChatCompletionRequest: chatFields,
  ChatMessage: messageFields,
  CompletionRequest: completionFields,
  ResponseRequest: responseFields,
  MessageRequest: messageRequestFields,
  OllamaChatRequest: ollamaChatFields,
  OllamaGenerateRequest: ollamaGenerateFields,
}

/** Serves the description of all routes, made from their schemas, at /openapi.json. */
export function addOpenApiRoute(app: App, { keyRequired }: { keyRequired: boolean }): void {
  const { openAPIRegistry: registry } = app
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  registry.register('Trace', traceObjectSchema)
  registry.register('ChatCompletionChunk', chatCompletionChunkSchema)
  registry.register('CompletionChunk', completionChunkSchema)
  registry.register('ResponseEvent', responseEventSchema)
  registry.register('MessageEvent', messageEventSchema)
  app.get('/openapi.json', (c) => c.json(describedApi(app, keyRequired)))
}

function describedApi(app: App, keyRequired: boolean) {
  const info = { title: 'CoSteer gateway', version: '1', description: DESCRIPTION }
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info })
  const schemas: Record<string, object> = { ...document.components?.schemas }
  for (const [name, table] of Object.entries(openFields)) {
    schemas[name] = withOtherFields(schemas[name] ?? {}, table)
  }
  const paths = keyRequired ? document.paths : withoutSecurity(document.paths ?? {})
  return { ...document, paths, components: { ...document.components, schemas } }
}

const otherFields = {
  harmless: 'Has no effect.',
  neutral: 'Unless its value asks for nothing, steering is bypassed.',
} as const

/** Names the fields that are accepted without being honoured. Others are too, and have no effect either. */
function withOtherFields(schema: object, table: FieldTable): object {
  const others = Object.fromEntries(
    Object.entries(table).flatMap(([name, { fate }]) =>
      fate === 'honoured' ? [] : [[name, { description: otherFields[fate] }]],
    ),
  )
  const properties = 'properties' in schema ? schema.properties : {}
  return { ...schema, properties: { ...others, ...(properties as object) }, additionalProperties: true }
}

function withoutSecurity(paths: object): object {
  const open = (item: object) =>
    Object.fromEntries(
      Object.entries(item).map(([method, operation]: [string, object]) => {
        const { security: _security, ...rest } = operation as { security?: unknown }
        return [method, rest]
      }),
    )
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, open(item)]))
}
