import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'
import { testApp } from './app-under-test/test-app.ts'

const operation = z.object({
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
})
const document = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(
      z.string(),
      z.object({
        properties: z.record(z.string(), z.unknown()).default({}),
        additionalProperties: z.unknown().optional(),
      }),
    ),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
})

const { app } = testApp({ script: { choices: [[]] } })
async function served() {
  return document.parse(await (await app.request('/openapi.json')).json())
}

test('the served document describes every route', async () => {
  const { paths, openapi } = await served()
  expect(openapi).toBe('3.1.0')
  expect(Object.entries(paths).map(([path, methods]) => `${Object.keys(methods)} ${path}`)).toEqual([
    'post /v1/chat/completions',
    'post /v1/completions',
    'post /v1/responses',
    'post /v1/messages',
    'post /v1/messages/count_tokens',
    'post /api/chat',
    'post /api/generate',
    'get /api/tags',
    'get /v1/models',
    'get /v1/models/{id}',
    'get /healthz',
    'get /readyz',
    'get /metrics',
    'get /costeer/v1/caller',
    'get /costeer/v1/settings',
    'get /costeer/v1/requests',
  ])
  const chat = paths['/v1/chat/completions']?.post?.responses
  expect(Object.keys(chat?.['200']?.content ?? {})).toEqual(['application/json', 'text/event-stream'])
  expect(chat?.default).toBeDefined()
})

test('it is made from the schemas that check requests', async () => {
  const { components } = await served()
  expect(Object.keys(components.schemas).sort()).toEqual([
    'Caller',
    'ChatCompletion',
    'ChatCompletionChunk',
    'ChatCompletionRequest',
    'ChatMessage',
    'Completion',
    'CompletionChunk',
    'CompletionRequest',
    'ContentPart',
    'CosteerOverrides',
    'Error',
    'FlatTool',
    'Message',
    'MessageBlock',
    'MessageError',
    'MessageEvent',
    'MessageObject',
    'MessageRequest',
    'MessageTokenCount',
    'MessageTool',
    'Model',
    'ModelList',
    'OllamaChatReply',
    'OllamaChatRequest',
    'OllamaError',
    'OllamaGenerateReply',
    'OllamaGenerateRequest',
    'OllamaMessage',
    'OllamaModelList',
    'OllamaTool',
    'RequestList',
    'Response',
    'ResponseEvent',
    'ResponseRequest',
    'Settings',
    'Tool',
    'ToolCall',
    'Trace',
  ])
  expect(components.schemas.ChatCompletionRequest?.properties.temperature).toMatchObject({
    minimum: 0,
    maximum: 2,
  })
  expect(components.schemas.CosteerOverrides?.properties.seed).toMatchObject({ type: ['integer', 'null'] })
  expect(components.schemas.ChatCompletionRequest?.properties.seed).toMatchObject({
    type: ['integer', 'null'],
  })
  expect(components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } })
})

test('it says of fields that are not honoured what becomes of them, and that others may be sent', async () => {
  const { components } = await served()
  const { properties, additionalProperties } = components.schemas.ChatCompletionRequest ?? {}
  expect(properties).toMatchObject({
    metadata: { description: 'Has no effect.' },
    modalities: { description: 'Unless its value asks for nothing, steering is bypassed.' },
  })
  expect(additionalProperties).toBe(true)
})

test('it asks for a key only where one is asked for', async () => {
  const operations = z.object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))) })
  const asks = async (keys: { key: string; admin: boolean }[]) => {
    const { app: described } = testApp({ script: { choices: [[]] }, server: { keys } })
    const { paths } = operations.parse(await (await described.request('/openapi.json')).json())
    return 'security' in (paths['/v1/chat/completions']?.post ?? {})
  }
  expect([await asks([]), await asks([{ key: 'secret-key', admin: false }])]).toEqual([false, true])
})

test('it describes the profile API where that is served', async () => {
  const folder = temporaryFolder()
  const store = await ProfileStore.open(folder, { watch: false })
  onTestFinished(() => store.close())
  const { app: withProfiles } = testApp({ script: { choices: [[]] }, profiles: { store } })
  const { paths, components } = document.parse(await (await withProfiles.request('/openapi.json')).json())
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  expect(described.filter((route) => route.includes('/profiles'))).toEqual([
    'get /costeer/v1/profiles',
    'post /costeer/v1/profiles',
    'get /costeer/v1/profiles/{id}',
    'put /costeer/v1/profiles/{id}',
    'delete /costeer/v1/profiles/{id}',
    'post /costeer/v1/profiles/{id}/imports',
    'get /costeer/v1/profiles/{id}/texts',
    'post /costeer/v1/profiles/{id}/texts',
    'delete /costeer/v1/profiles/{id}/texts/{key}',
    'get /costeer/v1/profiles/{id}/backups',
    'post /costeer/v1/profiles/{id}/restore',
    'post /costeer/v1/profiles/{id}/preview',
  ])
  expect(components.schemas.Profile?.properties).toHaveProperty('writing_style')
})
