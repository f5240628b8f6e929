import type { App } from '../../request/app-env.ts'
import type { AnswerHandler } from '../answer-handler.ts'
import { answerRoute } from '../answer-route.ts'
import { addAskingRoute } from '../asking-route.ts'
import { chatEndpoint } from './chat-endpoint.ts'
import { chatRequestSchema } from './chat-fields.ts'
import { chatCompletionSchema } from './chat-response-schema.ts'

const route = answerRoute({
  path: '/v1/chat/completions',
  summary: 'Answers a conversation, steered by the profile of the caller.',
  request: chatRequestSchema,
  reply: chatCompletionSchema,
  event: 'ChatCompletionChunk',
})

/** POST /v1/chat/completions. */
export function addChatRoute(app: App, answer: AnswerHandler): void {
  addAskingRoute(app, route, (c) => answer(c, chatEndpoint))
}
