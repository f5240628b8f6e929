import type { App } from '../../request/app-env.ts'
import type { AnswerHandler } from '../answer-handler.ts'
import { answerRoute } from '../answer-route.ts'
import { addAskingRoute } from '../asking-route.ts'
import { completionEndpoint } from './completion-endpoint.ts'
import { completionRequestSchema } from './completion-fields.ts'
import { completionSchema } from './completion-response-schema.ts'

const route = answerRoute({
  path: '/v1/completions',
  summary: 'Continues a text, steered by the profile of the caller.',
  request: completionRequestSchema,
  reply: completionSchema,
  event: 'CompletionChunk',
})

/** POST /v1/completions. */
export function addCompletionRoute(app: App, answer: AnswerHandler): void {
  addAskingRoute(app, route, (c) => answer(c, completionEndpoint))
}
