import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { errorEnvelopeSchema } from './errors/error-schema.ts'
import { modelListSchema, modelSchema, wireModel } from './model-schema.ts'
import type { ProxyEnvironment } from './request/proxy-environment.ts'

const failure = {
  description: 'A refusal or failure.',
  content: { 'application/json': { schema: errorEnvelopeSchema } },
}

const listRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The model names that requests may use.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'All of them.', content: { 'application/json': { schema: modelListSchema } } },
    default: failure,
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
    default: failure,
  },
})

/** GET /v1/models and /v1/models/{id}. */
export function addModelRoutes(app: OpenAPIHono<ProxyEnvironment>, gateway: Gateway): void {
  app.openapi(listRoute, (c) => c.json({ object: 'list' as const, data: gateway.models.map(wireModel) }, 200))
  app.openAPIRegistry.registerPath(modelRoute)
  // Model names hold slashes, and not every client escapes them.
  app.get('/v1/models/:id{.+}', (c: Context<ProxyEnvironment, '/v1/models/:id{.+}'>) => {
    const id = c.req.param('id')
    const card = gateway.models.find((model) => model.id === id)
    if (card === undefined) {
      const message = 'There is no model of this name. GET /v1/models lists the names.'
      throw new GatewayError('model_not_found', message, { param: 'model' })
    }
    return c.json(wireModel(card), 200)
  })
}
