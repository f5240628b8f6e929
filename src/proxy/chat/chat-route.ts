import { createRoute } from '@hono/zod-openapi'
import { chatRequestSchema } from '../openai/chat-request-schema.ts'
import { chatCompletionSchema } from '../openai/chat-response-schema.ts'
import { errorEnvelopeSchema } from '../openai/error-schema.ts'
import { eventSchema } from '../openai/event-stream-schema.ts'
import { steeringHeadersSchema } from '../openai/steering-schema.ts'

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
