import { anthropicRefusal } from '../../errors/anthropic-error.ts'
import type { App } from '../../request/app-env.ts'
import type { AnswerHandler } from '../answer-handler.ts'
import { answerRoute } from '../answer-route.ts'
import { addAskingRoute } from '../asking-route.ts'
import { messageEndpoint } from './message-endpoint.ts'
import { messageRequestSchema } from './message-fields.ts'
import { messageObjectSchema } from './message-object-schema.ts'

const route = answerRoute({
  path: '/v1/messages',
  summary: "Answers a conversation in the form of Anthropic's API, steered by the profile of the caller.",
  request: messageRequestSchema,
  reply: messageObjectSchema,
  event: 'MessageEvent',
  failure: anthropicRefusal,
})

/** POST /v1/messages. */
export function addMessageRoute(app: App, answer: AnswerHandler): void {
  addAskingRoute(app, route, (c) => answer(c, messageEndpoint))
}
