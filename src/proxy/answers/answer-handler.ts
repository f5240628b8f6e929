import { GatewayError } from '../../gateway-error.ts'
import { rootFailure } from '../errors/proxy-error.ts'
import { bearerToken } from '../guards/api-key-check.ts'
import { passOn } from '../passthrough/pass-on.ts'
import type { AppContext } from '../request/app-env.ts'
import type { StreamOptions } from '../request/client-stream.ts'
import { type RequestLifetime, requestLifetime } from '../request/request-lifetime.ts'
import { sseHeaders } from '../sse/sse-frame.ts'
import type { AnswerBody, AnswerEndpoint } from './answer-endpoint.ts'
import { collectedAnswer } from './collected-answer.ts'
import { judgeFields, type Obstacle, refusalOf } from './fields/judge-fields.ts'
import { type SteeringHeaders, steeringOverrides } from './fields/steering-fields.ts'
import { type RunningAnswer, type StartOptions, startAnswer } from './running-answer.ts'
import { steeringHeader } from './steering-header.ts'
import { streamedAnswer } from './streamed-answer.ts'

/** A request that fits its endpoint's schemas. */
interface CheckedRequest<Body> {
  readonly body: Body
  readonly headers: SteeringHeaders
}

/** Answers a request. Rejects with the error to report; once a stream has begun, errors are frames of it. */
export type AnswerHandler = <Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
  request: CheckedRequest<Body>,
) => Promise<Response>

export function answerHandler(options: StartOptions & StreamOptions): AnswerHandler {
  const { gateway } = options
  return async (c, endpoint, request) => {
    const { body } = request
    const model = body.model ?? gateway.models[0]?.id
    if (model === undefined) {
      const message = 'The request names no model, and no default is configured.'
      throw new GatewayError('model_not_found', message, { param: 'model' })
    }
    const { obstacle, ignored } = judgeFields(body, endpoint.fields, () => gateway.upstreamOf(model))
    if (obstacle !== null) return bypass(c, { obstacle, model, stream: body.stream === true }, options)
    const lifetime = requestLifetime(c)
    try {
      return await ownAnswer(c, endpoint, { ...request, model, ignored, lifetime, options })
    } catch (error) {
      lifetime.release()
      throw rootFailure(error, lifetime.signal)
    }
  }
}

interface JudgedRequest<Body> extends CheckedRequest<Body> {
  readonly model: string
  /** Its fields that have no effect. */
  readonly ignored: readonly string[]
  readonly lifetime: RequestLifetime
  readonly options: StartOptions & StreamOptions
}

/** Has the gateway answer, and writes the answer whole or as a stream. */
async function ownAnswer<Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
  { body, headers, model, ignored, lifetime, options }: JudgedRequest<Body>,
): Promise<Response> {
  const overrides = steeringOverrides(body, headers, bearerToken(c.req.header('authorization')))
  const { signal } = lifetime
  const requests = endpoint.asked(body).map((asked) => ({ model, ...asked, ...overrides, signal }))
  const stream = body.stream === true
  const { idPrefix } = endpoint
  const start = { model, requests, stream, idPrefix, lifetime, tracker: c.get('tracker') }
  const answer = await startAnswer(start, options)
  const replyHeaders = steeringHeaders(answer, ignored)
  if (stream) {
    const frames = await streamedAnswer(answer, endpoint.frames(answer, body), options)
    return c.body(frames, 200, { ...sseHeaders, ...replyHeaders })
  }
  const { choices, traces } = await collectedAnswer(answer)
  const { completionTokens, reasoningTokens } = answer.choices
  const ended = { completionTokens, reasoningTokens, completedAt: options.timers.unixSeconds() }
  const complete = endpoint.complete({ ...answer, ...ended, choices }, body)
  return c.json(answer.traced ? { ...complete, costeer: traces } : complete, 200, replyHeaders)
}

function steeringHeaders({ steering }: RunningAnswer, ignored: readonly string[]): Record<string, string> {
  return {
    'x-costeer-steering': steeringHeader(steering),
    ...(ignored.length === 0 ? {} : { 'x-costeer-ignored': ignored.join(', ') }),
  }
}

/** Lets the server behind the model answer, unsteered, where there is one. */
async function bypass(
  c: AppContext,
  { obstacle, model, stream }: { obstacle: Obstacle; model: string; stream: boolean },
  options: StartOptions & StreamOptions,
): Promise<Response> {
  if (obstacle.reason === 'unknown-field') throw refusalOf(obstacle)
  const { passthrough } = options.gateway.upstreamOf(model)
  if (passthrough === null) throw refusalOf(obstacle)
  // The text is there already, since it was checked; bytes would be made by way of a web stream.
  const body = Buffer.from(await c.req.text())
  return passOn({ c, passthrough, body, model, streamed: stream, reason: obstacle.field }, options)
}
