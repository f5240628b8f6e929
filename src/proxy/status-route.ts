import { createRoute, z } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { errorReply } from './errors/error-reply.ts'
import { errorEnvelopeSchema, refusalOrFailure } from './errors/error-schema.ts'
import type { App } from './request/app-env.ts'

/** Paths that machines ask every few seconds, and that tell nothing. */
export const probePaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

const okSchema = z.object({ status: z.literal('ok') })
const ok = { description: 'Yes.', content: { 'application/json': { schema: okSchema } } }

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process serves requests.',
  responses: { 200: ok },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether models are loaded and upstreams answer.',
  responses: {
    200: ok,
    503: {
      description: 'No; the message says what is missing.',
      content: { 'application/json': { schema: errorEnvelopeSchema } },
    },
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics in the Prometheus text format.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'All of them.', content: { 'text/plain': { schema: z.string() } } },
    default: refusalOrFailure,
  },
})

/** GET /healthz, /readyz and /metrics. */
export function addStatusRoute(
  app: App,
  { gateway, registry }: { gateway: Gateway; registry: Registry },
): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(readyRoute, (c) => {
    const draining = c.env?.server?.draining === true
    const obstacle = draining ? 'The gateway is shutting down.' : gateway.notReady()
    if (obstacle === null) return c.json({ status: 'ok' as const }, 200)
    const { body } = errorReply(new GatewayError(draining ? 'shutting_down' : 'model_unavailable', obstacle))
    return c.json(body, 503)
  })
  app.openapi(metricsRoute, async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}
