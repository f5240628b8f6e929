import { z } from '@hono/zod-openapi'
import type { SteeringState } from '../../gateway/answer.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { invalidRequest } from '../errors/invalid-request.ts'
import { rootFailure } from '../errors/proxy-error.ts'
import { passOn } from '../passthrough/pass-on.ts'
import type { AppContext } from '../request/app-env.ts'
import type { StreamOptions } from '../request/client-stream.ts'
import { passedCaller, senderOf } from '../request/passed-caller.ts'
import { type RequestLifetime, requestLifetime } from '../request/request-lifetime.ts'
import { sseHeaders } from '../sse/sse-frame.ts'
import type { AnswerBody, AnswerEndpoint } from './answer-endpoint.ts'
import { collectedAnswer } from './collected-answer.ts'
import { shapeOf } from './fields/field-table.ts'
import { judgeFields, refusalOf, withoutLeftOut } from './fields/judge-fields.ts'
import {
  modelField,
  type SteeringHeaders,
  steeringFields,
  steeringHeadersSchema,
  steeringOverrides,
} from './fields/steering-fields.ts'
import { type RunningAnswer, type StartOptions, startAnswer } from './running-answer.ts'
import { sentJson } from './sent-json.ts'
import { ignoredHeader, steeringHeader } from './steering-header.ts'
import { streamedAnswer } from './streamed-answer.ts'

/** Answers a request. Rejects with the error to report; once a stream has begun, errors are frames of it. */
export type AnswerHandler = <Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
) => Promise<Response>

export interface AnswerHandlerOptions extends StartOptions, StreamOptions {
  /** `profiles.user_headers` of the configuration. */
  readonly userHeaders: readonly string[]
}

/**
 * What steering cannot do is found first and passed on as it came; only what is answered here is checked
 * against the schema, whose ranges are those of steering.
 */
export function answerHandler(options: AnswerHandlerOptions): AnswerHandler {
  const { gateway } = options
  return async (c, endpoint) => {
    const { bytes, sent } = await sentJson(c)
    const model = checked(routingSchema, sent).model ?? gateway.models[0]?.id
    if (model === undefined) {
      const message = 'The request names no model, and no default is configured.'
      throw new GatewayError('model_not_found', message, { param: 'model' })
    }
    const judgement = judgeFields(sent, endpoint.fields, () => gateway.upstreamOf(model))
    const { obstacle, ignored } = judgement
    const passthrough =
      obstacle === null
        ? unsteeredServer(c, endpoint, { sent, model, options })
        : guardedServer(c, { sent, model, options })
    if (passthrough !== null) {
      const steering: SteeringState =
        obstacle === null
          ? { state: 'off', reason: 'no-profile' }
          : { state: 'bypassed', reason: obstacle.field }
      return passOn({ c, passthrough, body: bytes, model, streamed: sent.stream === true, steering }, options)
    }
    const body = checked(endpoint.schema, withoutLeftOut(sent, endpoint.fields, judgement))
    const headers = checked(steeringHeadersSchema, c.req.header())
    if (obstacle !== null) throw refusalOf(obstacle)
    const lifetime = requestLifetime(c)
    try {
      return await ownAnswer(c, endpoint, { body, headers, model, ignored, lifetime, options })
    } catch (error) {
      lifetime.release()
      throw withSentName(rootFailure(error, lifetime.signal), body, endpoint)
    }
  }
}

/** What decides where a request goes. */
const routingSchema = z.looseObject(shapeOf(modelField))

function checked<Value>(schema: z.ZodType<Value>, sent: object): Value {
  const { success, data, error } = schema.safeParse(sent)
  if (!success) throw invalidRequest(error)
  return data
}

/** What decides whether a server may answer: who asks, and what only the gateway can tell. */
const callerSchema = z.looseObject(shapeOf(steeringFields))

/** The server that does what steering cannot; null where there is none. */
function guardedServer(
  c: AppContext,
  {
    sent,
    model,
    options: { gateway, userHeaders },
  }: { readonly sent: object; readonly model: string; readonly options: AnswerHandlerOptions },
): Passthrough | null {
  const { passthrough } = gateway.upstreamOf(model)
  return passthrough === null ? null : gateway.guarded(passthrough, passedCaller(c, sent, userHeaders))
}

/** The server that answers a caller without a profile; null where the gateway does. */
function unsteeredServer<Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
  {
    sent,
    model,
    options: { gateway, userHeaders },
  }: { readonly sent: object; readonly model: string; readonly options: AnswerHandlerOptions },
): Passthrough | null {
  if (!endpoint.servedUnsteered) return null
  const body = callerSchema.safeParse(sent)
  const headers = steeringHeadersSchema.safeParse(c.req.header())
  // Refused as any other request that is not well-formed
  if (!body.success || !headers.success) return null
  const { caller, trace } = steeringOverrides(body.data, headers.data, senderOf(c, userHeaders))
  if (trace || body.data.costeer?.seed != null) return null
  try {
    return gateway.unsteeredServer(model, caller)
  } catch (error) {
    throw withSentName(error, body.data, endpoint)
  }
}

/** The failure with the name by which the request has the field at fault. */
function withSentName<Body extends AnswerBody, Complete extends object>(
  failure: unknown,
  body: Pick<AnswerBody, 'costeer'>,
  { conversation }: AnswerEndpoint<Body, Complete>,
): unknown {
  if (!(failure instanceof GatewayError)) return failure
  const names = new Map<string, string>([['messages', conversation]])
  if (body.costeer?.profile != null) names.set('x-costeer-profile', 'costeer.profile')
  const param = names.get(failure.param ?? '')
  if (param === undefined) return failure
  const { code, message, retryAfterSeconds } = failure
  const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds }
  return new GatewayError(code, message, { cause: failure, param, ...retry })
}

interface JudgedRequest<Body> {
  readonly body: Body
  readonly headers: SteeringHeaders
  readonly model: string
  /** Its fields that have no effect. */
  readonly ignored: readonly string[]
  readonly lifetime: RequestLifetime
  readonly options: AnswerHandlerOptions
}

/** Has the gateway answer, and writes the answer whole or as a stream. */
async function ownAnswer<Body extends AnswerBody, Complete extends object>(
  c: AppContext,
  endpoint: AnswerEndpoint<Body, Complete>,
  { body, headers, model, ignored, lifetime, options }: JudgedRequest<Body>,
): Promise<Response> {
  const overrides = steeringOverrides(body, headers, senderOf(c, options.userHeaders))
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
    ...(ignored.length === 0 ? {} : { 'x-costeer-ignored': ignoredHeader(ignored) }),
  }
}
