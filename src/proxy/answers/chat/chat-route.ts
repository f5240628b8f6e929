import { createRoute } from '@hono/zod-openapi'
import { errorEnvelopeSchema } from '../../errors/error-schema.ts'
import { eventSchema } from '../../sse/event-stream-schema.ts'
import { steeringHeadersSchema } from '../wire/steering-schema.ts'
import { chatRequestSchema } from './chat-request-schema.ts'
import { chatCompletionSchema } from './chat-response-schema.ts'

export const chatRoute = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  summary: 'Answers a conversation, steered by the profile of the caller.',
  security: [{ bearer: [] }],
  request: {
    headers: steeringHeadersSchema,
    body: { required: true, content: { 'application/json': { schema: chatRequestSchema } } },
  },
  responses: {
    200: {
      description: 'The answer; with `stream: true` as server-sent events that end with `[DONE]`.',
      content: {
        'application/json': { schema: chatCompletionSchema },
        'text/event-stream': { schema: eventSchema('ChatCompletionChunk') },
      },
    },
    default: {
      description: 'A refusal or failure.',
      content: { 'application/json': { schema: errorEnvelopeSchema } },
    },
  },
})
