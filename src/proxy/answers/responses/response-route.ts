import type { App } from '../../request/app-env.ts'
import type { AnswerHandler } from '../answer-handler.ts'
import { answerRoute } from '../answer-route.ts'
import { addAskingRoute } from '../asking-route.ts'
import { responseEndpoint } from './response-endpoint.ts'
import { responseRequestSchema } from './response-fields.ts'
import { responseObjectSchema } from './response-object-schema.ts'

const route = answerRoute({
  path: '/v1/responses',
  summary: 'Answers a conversation in the form of the Responses API, steered by the profile of the caller.',
  request: responseRequestSchema,
  reply: responseObjectSchema,
  event: 'ResponseEvent',
})

/** POST /v1/responses. */
export function addResponseRoute(app: App, answer: AnswerHandler): void {
  addAskingRoute(app, route, (c) => answer(c, responseEndpoint))
}
