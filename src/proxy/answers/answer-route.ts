import type { RouteConfig, z } from '@hono/zod-openapi'
import { refusalOrFailure } from '../errors/error-schema.ts'
import { eventSchema } from '../sse/event-stream-schema.ts'
import { askingRoute } from './asking-route.ts'

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

/** The route of an endpoint that answers, as one body or as a stream. */
export function answerRoute<const Path extends string, Request extends z.ZodType, Reply extends z.ZodType>({
  path,
  summary,
  request,
  reply,
  event,
  failure = refusalOrFailure,
}: AnswerRoute<Path, Request, Reply>) {
  const content = {
    'application/json': { schema: reply },
    'text/event-stream': { schema: eventSchema(event) },
  }
  const description = 'The answer; with `stream: true` as server-sent events.'
  return askingRoute({ path, summary, request, success: { description, content }, failure })
}
