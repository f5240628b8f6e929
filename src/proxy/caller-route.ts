import { createRoute, z } from '@hono/zod-openapi'
import type { Gateway } from '../gateway/gateway.ts'
import { refusalOrFailure } from './errors/error-schema.ts'
import type { App } from './request/app-env.ts'
import { passedCaller } from './request/passed-caller.ts'

const profileNameSchema = z.object({ id: z.string(), name: z.string().describe("The user's name.") })

/** Who a caller may be, as the gateway tells it. */
export const callerSchema = z
  .object({
    profile: profileNameSchema
      .nullable()
      .describe('The profile that answers to this caller have, where a request names no other.'),
    profiles: z.array(profileNameSchema).describe('Those that this caller may name.'),
  })
  .openapi('Caller')

const callerRoute = createRoute({
  method: 'get',
  path: '/costeer/v1/caller',
  summary: 'Whose profile this caller gets, by its key and headers, and which it may name.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'Ids and names.', content: { 'application/json': { schema: callerSchema } } },
    default: refusalOrFailure,
  },
})

/** GET /costeer/v1/caller. */
export function addCallerRoute(
  app: App,
  { gateway, userHeaders }: { readonly gateway: Gateway; readonly userHeaders: readonly string[] },
): void {
  app.openapi(callerRoute, (c) => {
    const { chosen, open } = gateway.callerProfiles(passedCaller(c, undefined, userHeaders))
    return c.json({ profile: chosen, profiles: [...open] }, 200, { 'cache-control': 'no-store' })
  })
}
