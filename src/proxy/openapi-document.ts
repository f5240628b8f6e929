import type { OpenAPIHono } from '@hono/zod-openapi'
import { chatCompletionChunkSchema } from './answers/chat/chat-response-schema.ts'
import { completionFields } from './answers/completions/completion-fields.ts'
import { completionChunkSchema } from './answers/completions/completion-response-schema.ts'
import { responseFields } from './answers/responses/response-fields.ts'
import { responseEventSchema } from './answers/responses/response-object-schema.ts'
import type { FieldFates } from './answers/unsteerable-request.ts'
import { chatFields, messageFields } from './answers/wire/steered-fields.ts'
import { traceObjectSchema } from './answers/wire/trace-schema.ts'
import type { ProxyEnvironment } from './request/proxy-environment.ts'

const DESCRIPTION = `An OpenAI-compatible API whose answers a private profile steers on this machine.

Requests that cannot be steered, and all routes below /v1 that are not described here, are passed as they are to the
server behind the model, where there is one.`

/** What a client sends that takes more fields than the ones that shape an answer. */
const openFields: Readonly<Record<string, FieldFates>> = {
  ChatCompletionRequest: chatFields,
  ChatMessage: messageFields,
  CompletionRequest: completionFields,
  ResponseRequest: responseFields,
}

/** Serves the description of all routes, made from their schemas, at /openapi.json. */
export function addOpenApiDocument(
  app: OpenAPIHono<ProxyEnvironment>,
  { keyRequired }: { keyRequired: boolean },
): void {
  const { openAPIRegistry: registry } = app
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  registry.register('Trace', traceObjectSchema)
  registry.register('ChatCompletionChunk', chatCompletionChunkSchema)
  registry.register('CompletionChunk', completionChunkSchema)
  registry.register('ResponseEvent', responseEventSchema)
  app.get('/openapi.json', (c) => c.json(describedApi(app, keyRequired)))
}

function describedApi(app: OpenAPIHono<ProxyEnvironment>, keyRequired: boolean) {
  const info = { title: 'CoSteer gateway', version: '1', description: DESCRIPTION }
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info })
  const schemas: Record<string, object> = { ...document.components?.schemas }
  for (const [name, fates] of Object.entries(openFields)) {
    schemas[name] = withOtherFields(schemas[name] ?? {}, fates)
  }
  const paths = keyRequired ? document.paths : withoutSecurity(document.paths ?? {})
  return { ...document, paths, components: { ...document.components, schemas } }
}

/** Names the fields that are accepted without being honoured; there are no others. */
function withOtherFields(schema: object, { harmless, neutral }: FieldFates): object {
  const described = (names: Iterable<string>, description: string) =>
    Array.from(names, (name) => [name, { description }] as const)
  const others = Object.fromEntries([
    ...described(harmless, 'Has no effect.'),
    ...described(Object.keys(neutral), 'Unless its value asks for nothing, steering is bypassed.'),
  ])
  const properties = 'properties' in schema ? schema.properties : {}
  return { ...schema, properties: { ...others, ...(properties as object) }, additionalProperties: false }
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
