import { createRoute } from '@hono/zod-openapi'
import { errorEnvelopeSchema } from '../../errors/error-schema.ts'
import { eventSchema } from '../../sse/event-stream-schema.ts'
import { steeringHeadersSchema } from '../wire/steering-schema.ts'
import { responseObjectSchema } from './response-object-schema.ts'
import { responseRequestSchema } from './response-request-schema.ts'

export const responseRoute = createRoute({
  method: 'post',
  path: '/v1/responses',
  summary: 'Answers a conversation in the form of the Responses API, steered by the profile of the caller.',
  security: [{ bearer: [] }],
  request: {
    headers: steeringHeadersSchema,
    body: { required: true, content: { 'application/json': { schema: responseRequestSchema } } },
  },
  responses: {
    200: {
      description: 'The response; with `stream: true` as server-sent events.',
      content: {
        'application/json': { schema: responseObjectSchema },
        'text/event-stream': { schema: eventSchema('ResponseEvent') },
      },
    },
    default: {
      description: 'A refusal or failure.',
      content: { 'application/json': { schema: errorEnvelopeSchema } },
    },
  },
})
