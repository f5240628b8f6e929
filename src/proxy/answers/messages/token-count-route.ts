import { createRoute } from '@hono/zod-openapi'
import { anthropicRefusal } from '../../errors/anthropic-error.ts'
import { rootFailure } from '../../errors/proxy-error.ts'
import type { App } from '../../request/app-env.ts'
import { requestLifetime } from '../../request/request-lifetime.ts'
import { steeringHeadersSchema } from '../fields/steering-fields.ts'
import { type RoutingOptions, routedRequest } from '../routed-request.ts'
import { ignoredHeader } from '../steering-header.ts'
import { askedMessage, messageEndpoint } from './message-endpoint.ts'
import { messageRequestSchema } from './message-fields.ts'
import { tokenCountSchema } from './message-object-schema.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/messages/count_tokens',
  summary: 'Counts the tokens of a conversation at the upstream, as POST /v1/messages would send it.',
  security: [{ bearer: [] }],
  request: {
    headers: steeringHeadersSchema,
    body: { required: true, content: { 'application/json': { schema: messageRequestSchema } } },
  },
  responses: {
    200: {
      description: 'The number, without those of the profile.',
      content: { 'application/json': { schema: tokenCountSchema } },
    },
    default: anthropicRefusal,
  },
})

/** POST /v1/messages/count_tokens: prepares an answer that nobody reads. */
export function addTokenCountRoute(app: App, options: RoutingOptions): void {
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, async (c) => {
    const routed = await routedRequest(c, messageEndpoint, options)
    if ('passed' in routed) return routed.passed
    const { body, model, overrides, ignored } = routed.own
    const lifetime = requestLifetime(c)
    const { signal } = lifetime
    try {
      const request = { model, ...askedMessage(body), ...overrides, signal }
      const { promptTokens } = await options.gateway.prepare(request)
      const headers: Record<string, string> =
        ignored.length === 0 ? {} : { 'x-costeer-ignored': ignoredHeader(ignored) }
      return c.json({ input_tokens: promptTokens }, 200, headers)
    } catch (error) {
      throw rootFailure(error, signal)
    } finally {
      lifetime.release()
    }
  })
}
