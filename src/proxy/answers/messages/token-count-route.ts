import { anthropicRefusal } from '../../errors/anthropic-error.ts'
import { rootFailure } from '../../errors/proxy-error.ts'
import type { App } from '../../request/app-env.ts'
import { requestLifetime } from '../../request/request-lifetime.ts'
import { addAskingRoute, askingRoute } from '../asking-route.ts'
import { answerRequests, type RoutingOptions, routedRequest } from '../routed-request.ts'
import { ignoredHeaders } from '../steering-header.ts'
import { messageEndpoint } from './message-endpoint.ts'
import { messageRequestSchema } from './message-fields.ts'
import { tokenCountSchema } from './message-object-schema.ts'

const route = askingRoute({
  path: '/v1/messages/count_tokens',
  summary: 'Counts the tokens of a conversation at the upstream, as POST /v1/messages would send it.',
  request: messageRequestSchema,
  success: {
    description: 'The number, without those of the profile.',
    content: { 'application/json': { schema: tokenCountSchema } },
  },
  failure: anthropicRefusal,
})

/** POST /v1/messages/count_tokens: prepares an answer that nobody reads. */
export function addTokenCountRoute(app: App, options: RoutingOptions): void {
  addAskingRoute(app, route, async (c) => {
    const routed = await routedRequest(c, messageEndpoint, options)
    if ('passed' in routed) return routed.passed
    const lifetime = requestLifetime(c)
    const { signal } = lifetime
    try {
      const requests = answerRequests(messageEndpoint, routed.own, signal)
      const prepared = await Promise.all(requests.map((request) => options.gateway.prepare(request)))
      const promptTokens = prepared.reduce((sum, one) => sum + one.promptTokens, 0)
      return c.json({ input_tokens: promptTokens }, 200, ignoredHeaders(routed.own.ignored))
    } catch (error) {
      throw rootFailure(error, signal)
    } finally {
      lifetime.release()
    }
  })
}
