import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi'
import { refusalOrFailure } from '../errors/error-schema.ts'
import type { App, AppContext } from '../request/app-env.ts'
import { eventSchema } from '../sse/event-stream-schema.ts'
import { steeringHeadersSchema } from './fields/steering-fields.ts'

interface AnswerRoute<Path extends string, Request extends z.ZodType, Reply extends z.ZodType> {
  readonly path: Path
  readonly summary: string
  readonly request: Request
  readonly reply: Reply
  /** The component of the API's description that an event of a stream is. */
  readonly event: string
  /** The response to what is refused or fails, where it has not OpenAI's form. */
  readonly failure?: RouteConfig['responses'][string]
}

/**
 * Adds such a route. Its handler checks the request itself: what steering cannot do is passed on before the
 * limits of steering are looked at.
 */
export function addAnswerRoute(
  app: App,
  route: ReturnType<typeof answerRoute>,
  handler: (c: AppContext) => Promise<Response>,
): void {
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, handler)
}

/** The route of an endpoint that answers, as one body or as a stream. */
export function answerRoute<const Path extends string, Request extends z.ZodType, Reply extends z.ZodType>({
  path,
  summary,
  request,
  reply,
  event,
  failure = refusalOrFailure,
}: AnswerRoute<Path, Request, Reply>) {
  return createRoute({
    method: 'post',
    path,
    summary,
    security: [{ bearer: [] }],
    request: {
      headers: steeringHeadersSchema,
      body: { required: true, content: { 'application/json': { schema: request } } },
    },
    responses: {
      200: {
        description: 'The answer; with `stream: true` as server-sent events.',
        content: {
          'application/json': { schema: reply },
          'text/event-stream': { schema: eventSchema(event) },
        },
      },
      default: failure,
    },
  })
}
