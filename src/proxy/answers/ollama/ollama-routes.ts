import { createRoute, z } from '@hono/zod-openapi'
import type { Gateway } from '../../../gateway/gateway.ts'
import { ollamaRefusal } from '../../errors/ollama-error.ts'
import type { App } from '../../request/app-env.ts'
import type { AnswerHandler } from '../answer-handler.ts'
import { addAskingRoute, askingRoute } from '../asking-route.ts'
import { ollamaChatEndpoint, ollamaGenerateEndpoint } from './ollama-endpoints.ts'
import { ollamaChatSchema, ollamaGenerateSchema } from './ollama-fields.ts'
import { ollamaChatReplySchema, ollamaGenerateReplySchema } from './ollama-reply-schema.ts'

function ollamaRoute<const Path extends string, Request extends z.ZodType, Reply extends z.ZodType>(
  path: Path,
  { summary, request, reply }: { readonly summary: string; readonly request: Request; readonly reply: Reply },
) {
  const content = { 'application/x-ndjson': { schema: reply }, 'application/json': { schema: reply } }
  const description = 'The answer as lines of JSON; with `stream: false` as one.'
  return askingRoute({ path, summary, request, success: { description, content }, failure: ollamaRefusal })
}

const chatRoute = ollamaRoute('/api/chat', {
  summary: "Answers a conversation in the form of Ollama's API, steered by the profile of the caller.",
  request: ollamaChatSchema,
  reply: ollamaChatReplySchema,
})

const generateRoute = ollamaRoute('/api/generate', {
  summary: "Answers or continues a prompt in the form of Ollama's API, steered by the profile of the caller.",
  request: ollamaGenerateSchema,
  reply: ollamaGenerateReplySchema,
})

const tagsSchema = z
  .object({
    models: z.array(
      z.object({
        name: z.string(),
        model: z.string(),
        modified_at: z.string().describe('ISO 8601.'),
        size: z.literal(0),
        digest: z.literal(''),
        details: z.object({ format: z.literal('costeer'), family: z.literal('costeer') }),
      }),
    ),
  })
  .openapi('OllamaModelList')

const tagsRoute = createRoute({
  method: 'get',
  path: '/api/tags',
  summary: "The model names that requests may use, in Ollama's form.",
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'The models.', content: { 'application/json': { schema: tagsSchema } } },
    default: ollamaRefusal,
  },
})

/** POST /api/chat, POST /api/generate and GET /api/tags. */
export function addOllamaRoutes(app: App, answer: AnswerHandler, { models }: Pick<Gateway, 'models'>): void {
  addAskingRoute(app, chatRoute, (c) => answer(c, ollamaChatEndpoint))
  addAskingRoute(app, generateRoute, (c) => answer(c, ollamaGenerateEndpoint))
  app.openapi(tagsRoute, (c) => {
    const listed = models.map(({ id, created }) => ({
      name: id,
      model: id,
      modified_at: new Date(created * 1000).toISOString(),
      size: 0 as const,
      digest: '' as const,
      details: { format: 'costeer' as const, family: 'costeer' as const },
    }))
    return c.json({ models: listed }, 200)
  })
}
