import { createRoute, z } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { errorReply } from './errors/error-reply.ts'
import { errorEnvelopeSchema, refusalOrFailure } from './errors/error-schema.ts'
import type { App } from './request/app-env.ts'

/** Paths that machines ask every few seconds, by whatever name they have for this one, and without a key. */
export const probePaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

const okSchema = z.object({ status: z.literal('ok') })
const ok = { description: 'Yes.', content: { 'application/json': { schema: okSchema } } }
const readySchema = okSchema.extend({
  missing: z.string().optional().describe('Which models cannot answer, and why, while others can.'),
})

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process serves requests.',
  responses: { 200: ok },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether at least one model can answer.',
  responses: {
    200: { description: 'Yes.', content: { 'application/json': { schema: readySchema } } },
    503: {
      description: 'No; the message says why.',
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
  app.openapi(readyRoute, async (c) => {
    if (c.env?.server?.draining === true) {
      return c.json(errorReply(new GatewayError('shutting_down', 'The gateway is shutting down.')).body, 503)
    }
    const { ready, missing } = await gateway.readiness()
    if (ready) return c.json({ status: 'ok' as const, ...(missing !== null && { missing }) }, 200)
    const { body } = errorReply(new GatewayError('model_unavailable', missing))
    return c.json(body, 503)
  })
  app.openapi(metricsRoute, async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}
