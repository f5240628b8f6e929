import { rootFailure } from '../errors/proxy-error.ts'
import type { AppContext } from '../request/app-env.ts'
import { type RequestLifetime, requestLifetime } from '../request/request-lifetime.ts'
import { withSentName } from '../request/sent-name.ts'
import { sseHeaders } from '../sse/sse-frame.ts'
import type { AnswerBody, AnswerEndpoint } from './answer-endpoint.ts'
import { collectedAnswer } from './collected-answer.ts'
import { answerRequests, type OwnRequest, type RoutingOptions, routedRequest } from './routed-request.ts'
import { type RunningAnswer, startAnswer } from './running-answer.ts'
import { ignoredHeaders, steeringHeader } from './steering-header.ts'
import { streamedAnswer } from './streamed-answer.ts'

/** Answers a request. Rejects with the error to report; once a stream has begun, errors are frames of it. */
export type AnswerHandler = <Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
) => Promise<Response>

/** Answers a request by its endpoint, or has a server answer it. Rejects with what the client is told. */
export function answerHandler(options: RoutingOptions): AnswerHandler {
  return async (c, endpoint) => {
    const routed = await routedRequest(c, endpoint, options)
    if ('passed' in routed) return routed.passed
    const lifetime = requestLifetime(c)
    try {
      return await ownAnswer(c, endpoint, { ...routed.own, lifetime, options })
    } catch (error) {
      lifetime.release()
      const sent = routed.own.body
      const { conversation } = endpoint
      throw withSentName(rootFailure(error, lifetime.signal), { sent, conversation })
    }
  }
}

interface AnswerableRequest<Body> extends OwnRequest<Body> {
  readonly lifetime: RequestLifetime
  readonly options: RoutingOptions
}

/** Has the gateway answer, and writes the answer whole or as a stream. */
async function ownAnswer<Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
  { lifetime, options, ...own }: AnswerableRequest<Body>,
): Promise<Response> {
  const { body, model, ignored } = own
  const requests = answerRequests(endpoint, own, lifetime.signal)
  const stream = endpoint.streams?.(body) ?? body.stream === true
  const { idPrefix } = endpoint
  const start = { model, requests, stream, idPrefix, lifetime, tracker: c.get('tracker') }
  const answer = await startAnswer(start, options)
  const replyHeaders = steeringHeaders(answer, ignored)
  if (stream) {
    const frames = await streamedAnswer(answer, endpoint.frames(answer, body), options)
    return c.body(frames, 200, { ...(endpoint.streamHeaders ?? sseHeaders), ...replyHeaders })
  }
  const { choices, traces } = await collectedAnswer(answer)
  const { completionTokens, reasoningTokens, cost } = answer.choices
  const ended = { completionTokens, reasoningTokens, cost, completedAt: options.timers.unixSeconds() }
  const complete = endpoint.complete({ ...answer, ...ended, choices }, body)
  return c.json(answer.traced ? { ...complete, costeer: traces } : complete, 200, replyHeaders)
}

function steeringHeaders({ steering }: RunningAnswer, ignored: readonly string[]): Record<string, string> {
  return {
    'x-costeer-steering': steeringHeader(steering),
    ...ignoredHeaders(ignored),
  }
}
