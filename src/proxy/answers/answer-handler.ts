import { GatewayError } from '../../gateway-error.ts'
import { refusalOf } from '../errors/invalid-request.ts'
import { rootFailure } from '../errors/proxy-error.ts'
import { type PassedResponse, passOn } from '../passthrough/pass-on.ts'
import { requestSignal } from '../request/request-signal.ts'
import { sseHeaders } from '../sse/sse-frame.ts'
import type { AnswerCall } from './answer-call.ts'
import { completeReply } from './complete-reply.ts'
import type { RunningAnswer } from './running-answer.ts'
import { type StartOptions, startAnswer } from './start-answer.ts'
import { steeringHeader } from './steering-header.ts'
import { type StreamOptions, streamedReply } from './streamed-reply.ts'
import type { Unsteerable } from './unsteerable-request.ts'

/** A complete answer, the stream of one, or the reply of a server that answered instead. */
type AnswerReply<Complete> =
  | { readonly type: 'complete'; readonly body: Complete; readonly headers: Readonly<Record<string, string>> }
  | PassedResponse

export type AnswerHandler = <Complete>(call: AnswerCall<Complete>) => Promise<AnswerReply<Complete>>

/** Answers requests. Rejects with the error to report; once a stream has begun, errors are frames of it. */
export function answerHandler(options: StartOptions & StreamOptions): AnswerHandler {
  return async (call) => {
    const model = call.model ?? options.gateway.models[0]?.id
    if (model === undefined) {
      const message = 'The request names no model, and no default is configured.'
      throw new GatewayError('model_not_found', message, { param: 'model' })
    }
    const obstacle = obstacleOf(call, model, options)
    if (obstacle !== null) return bypass(call, { obstacle, model }, options)
    const lifetime = requestSignal(call.c)
    try {
      const answer = await startAnswer(call, { model, lifetime }, options)
      const headers = steeringHeaders(answer, call)
      if (!call.stream) return { type: 'complete', body: await completeReply(call, answer), headers }
      const body = await streamedReply(answer, call.frames(answer), options)
      return { type: 'stream', status: 200, body, headers: { ...sseHeaders, ...headers } }
    } catch (error) {
      lifetime.release()
      throw rootFailure(error, lifetime.signal)
    }
  }
}

function steeringHeaders(
  { prepared }: RunningAnswer,
  { withoutEffect }: AnswerCall<unknown>,
): Readonly<Record<string, string>> {
  return {
    'x-costeer-steering': steeringHeader(prepared.steering),
    ...(withoutEffect.length === 0 ? {} : { 'x-costeer-ignored': withoutEffect.join(', ') }),
  }
}

function obstacleOf(
  { obstacle, raisesTokens }: AnswerCall<unknown>,
  model: string,
  { gateway }: StartOptions,
): Unsteerable | null {
  if (obstacle !== null || !raisesTokens || gateway.upstreamOf(model).tellsEveryToken) return obstacle
  return { field: 'logit_bias', reason: 'not-supported' }
}

/** Lets the server behind the model answer, unsteered, where there is one. */
async function bypass(
  { c, stream }: AnswerCall<unknown>,
  { obstacle, model }: { obstacle: Unsteerable; model: string },
  options: StartOptions & StreamOptions,
): Promise<PassedResponse> {
  if (obstacle.reason === 'unknown-field') throw refusalOf(obstacle)
  const { passthrough } = options.gateway.upstreamOf(model)
  if (passthrough === null) throw refusalOf(obstacle)
  // The text is there already, since it was checked; bytes would be made by way of a web stream.
  const body = Buffer.from(await c.req.text())
  return passOn({ c, passthrough, body, model, streamed: stream, reason: obstacle.field }, options)
}
