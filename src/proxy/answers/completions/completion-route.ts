import { createRoute } from '@hono/zod-openapi'
import { errorEnvelopeSchema } from '../../errors/error-schema.ts'
import { eventSchema } from '../../sse/event-stream-schema.ts'
import { steeringHeadersSchema } from '../wire/steering-schema.ts'
import { completionRequestSchema } from './completion-request-schema.ts'
import { completionSchema } from './completion-response-schema.ts'

export const completionRoute = createRoute({
  method: 'post',
  path: '/v1/completions',
  summary: 'Continues a text, steered by the profile of the caller.',
  security: [{ bearer: [] }],
  request: {
    headers: steeringHeadersSchema,
    body: { required: true, content: { 'application/json': { schema: completionRequestSchema } } },
  },
  responses: {
    200: {
      description: 'The answer; with `stream: true` as server-sent events that end with `[DONE]`.',
      content: {
        'application/json': { schema: completionSchema },
        'text/event-stream': { schema: eventSchema('CompletionChunk') },
      },
    },
    default: {
      description: 'A refusal or failure.',
      content: { 'application/json': { schema: errorEnvelopeSchema } },
    },
  },
})
