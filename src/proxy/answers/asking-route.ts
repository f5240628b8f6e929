import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi'
import type { App, AppContext } from '../request/app-env.ts'
import { steeringHeadersSchema } from './fields/steering-fields.ts'

interface AskingRoute<Path extends string, Request extends z.ZodType, Content> {
  readonly path: Path
  readonly summary: string
  readonly request: Request
  /** What a success brings, by its content type. */
  readonly success: { readonly description: string; readonly content: Content }
  /** The response to what is refused or fails. */
  readonly failure: RouteConfig['responses'][string]
}

/** A route whose requests ask a model, with the headers that say how to steer. */
export function askingRoute<
  const Path extends string,
  Request extends z.ZodType,
  Content extends { readonly [type: string]: { readonly schema: z.ZodType } },
>({ path, summary, request, success, failure }: AskingRoute<Path, Request, Content>) {
  return createRoute({
    method: 'post',
    path,
    summary,
    security: [{ bearer: [] }],
    request: {
      headers: steeringHeadersSchema,
      body: { required: true, content: { 'application/json': { schema: request } } },
    },
    responses: { 200: success, default: failure },
  })
}

/**
 * Adds such a route. Its handler checks the request itself: what steering cannot do is passed on before the
 * limits of steering are looked at.
 */
export function addAskingRoute(
  app: App,
  route: RouteConfig & { readonly path: string },
  handler: (c: AppContext) => Promise<Response>,
): void {
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, handler)
}
