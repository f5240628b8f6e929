import { createRoute, z } from '@hono/zod-openapi'
import type { Config } from '../../config/schema.ts'
import { refusalOrFailure } from '../errors/error-schema.ts'
import { adminTest } from '../guards/admin-check.ts'
import { sentKey } from '../guards/api-key-check.ts'
import type { App } from '../request/app-env.ts'
import { keyDigest, type RecentRequest, type RecentRequests } from './recent-requests.ts'

const recentRequestSchema = z.object({
  id: z.string().describe('The request id, as in the log and in `x-request-id`.'),
  at: z.string().describe('When it ended, ISO 8601.'),
  times: z.int().min(1).describe('How many refusals of this kind came in a row.'),
  client: z.string().describe('What the client calls itself (User-Agent).'),
  route: z.string().describe('The pattern of its route; `unmatched` for a path that is none.'),
  status: z.int(),
  model: z.string().nullable().describe('A name of the gateway’s own list, or `other`.'),
  profile: z.string().nullable().describe('The id of the profile that steered it.'),
  steering: z.enum(['on', 'off', 'bypassed', 'none']).describe('`none`: refused before that was decided.'),
  reason: z
    .string()
    .nullable()
    .describe(
      'Why it was not steered: `no-profile`, `declined`, `no-strength`, `budget`, or what was in the way.',
    ),
  firstTextMs: z.number().nullable().describe('From its arrival to its first text.'),
  durationMs: z.number(),
  promptTokens: z.int().nullable(),
  completionTokens: z.int().nullable(),
  cost: z.number().nullable().describe('In the currency of the upstream’s price; null without one.'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('What the client was told; also of a stream that broke.'),
})

const requestListSchema = z
  .object({ object: z.literal('list'), data: z.array(recentRequestSchema) })
  .openapi('RequestList')

export type RecentRequestEntry = z.infer<typeof recentRequestSchema>

const requestsRoute = createRoute({
  method: 'get',
  path: '/costeer/v1/requests',
  summary: 'The last 200 requests for answers since the start, newest first, without any of their texts.',
  description: 'Admin keys see all of them, other keys those that were sent with the same key.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'Requests.', content: { 'application/json': { schema: requestListSchema } } },
    default: refusalOrFailure,
  },
})

export interface RequestsRouteOptions {
  readonly recent: RecentRequests
  readonly keys: Config['server']['keys']
}

/** GET /costeer/v1/requests. */
export function addRequestsRoute(app: App, { recent, keys }: RequestsRouteOptions): void {
  const isAdmin = adminTest(keys)
  app.openapi(requestsRoute, (c) => {
    const seen = recent.list(isAdmin(c.req) ? undefined : keyDigest(sentKey(c.req)))
    return c.json({ object: 'list' as const, data: seen.map(entryOf) }, 200, { 'cache-control': 'no-store' })
  })
}

function entryOf({ record, detail, client, at, times }: RecentRequest): RecentRequestEntry {
  const { requestId, route, status, steering, durationMs, error, answer } = record
  const { model, profile, reason, cost, message } = detail
  return {
    id: requestId,
    at: new Date(at * 1000).toISOString(),
    times,
    client,
    route,
    status,
    model,
    profile,
    steering,
    reason,
    firstTextMs: answer?.firstTextMs ?? null,
    durationMs,
    promptTokens: answer?.promptTokens ?? null,
    completionTokens: answer?.completionTokens ?? null,
    cost,
    error: error === null ? null : { code: error, message: message ?? '' },
  }
}
