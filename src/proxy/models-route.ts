import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Gateway, ModelCard } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { refusalOrFailure } from './errors/error-schema.ts'
import type { App, AppEnv } from './request/app-env.ts'

const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().describe('Unix seconds.'),
    owned_by: z.string(),
  })
  .openapi('Model')

const modelListSchema = z
  .object({ object: z.literal('list'), data: z.array(modelSchema) })
  .openapi('ModelList')

const listRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The model names that requests may use.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'All of them.', content: { 'application/json': { schema: modelListSchema } } },
    default: refusalOrFailure,
  },
})

const modelRoute = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  summary: 'One model.',
  security: [{ bearer: [] }],
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: modelSchema } } },
    default: refusalOrFailure,
  },
})

/** GET /v1/models and /v1/models/{id}. */
export function addModelsRoute(app: App, gateway: Gateway): void {
  app.openapi(listRoute, (c) => c.json({ object: 'list' as const, data: gateway.models.map(wireModel) }, 200))
  app.openAPIRegistry.registerPath(modelRoute)
  // Model names hold slashes, and not every client escapes them.
  app.get('/v1/models/:id{.+}', (c: Context<AppEnv, '/v1/models/:id{.+}'>) => {
    const id = c.req.param('id')
    const card = gateway.models.find((model) => model.id === id)
    if (card === undefined) {
      const message = 'There is no model of this name. GET /v1/models lists the names.'
      throw new GatewayError('model_not_found', message, { param: 'model' })
    }
    return c.json(wireModel(card), 200)
  })
}

function wireModel({ id, created }: ModelCard): z.infer<typeof modelSchema> {
  return {
    id,
    object: 'model',
    created,
    owned_by: 'costeer',
  }
}
