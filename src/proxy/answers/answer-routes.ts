import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Clock } from '../clock.ts'
import { responseOf } from '../passthrough/passthrough-routes.ts'
import type { ProxyEnvironment } from '../request/proxy-environment.ts'
import type { AnswerHandler } from './answer-handler.ts'
import { chatCall } from './chat/chat-call.ts'
import { chatRoute } from './chat/chat-route.ts'
import { completionCall } from './completions/completion-call.ts'
import { completionRoute } from './completions/completion-route.ts'
import { responseCall } from './responses/response-call.ts'
import { responseRoute } from './responses/response-route.ts'

/** POST /v1/chat/completions, /v1/completions and /v1/responses: three forms of the same answers. */
export function addAnswerRoutes(
  app: OpenAPIHono<ProxyEnvironment>,
  { answer, clock }: { answer: AnswerHandler; clock: Clock },
): void {
  app.openapi(chatRoute, async (c) => {
    const reply = await answer(chatCall(c, c.req.valid('json'), c.req.valid('header')))
    return reply.type === 'complete' ? c.json(reply.body, 200, { ...reply.headers }) : responseOf(c, reply)
  })
  app.openapi(completionRoute, async (c) => {
    const reply = await answer(completionCall(c, c.req.valid('json'), c.req.valid('header')))
    return reply.type === 'complete' ? c.json(reply.body, 200, { ...reply.headers }) : responseOf(c, reply)
  })
  app.openapi(responseRoute, async (c) => {
    const call = { body: c.req.valid('json'), headers: c.req.valid('header'), clock }
    const reply = await answer(responseCall(c, call))
    return reply.type === 'complete' ? c.json(reply.body, 200, { ...reply.headers }) : responseOf(c, reply)
  })
}
