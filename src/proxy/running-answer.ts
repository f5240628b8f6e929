import type { Context } from 'hono'
import type { AnswerRequest, Gateway, PreparedAnswer } from '../gateway/answer.ts'
import { GatewayError } from '../gateway-error.ts'
import { answerRequest } from './answer-request.ts'
import { bearerToken } from './api-key-check.ts'
import { type ChoiceEvents, choiceEvents } from './choice-events.ts'
import type { Clock } from './clock.ts'
import type { ProxyEnvironment } from './environment.ts'
import type { AnswerIdentity } from './openai/answer-identity.ts'
import type { SteeringHeaders, WireChatRequest } from './openai/chat-request-schema.ts'
import type { RequestSignal } from './request-signal.ts'
import type { RequestTracker } from './request-tracker.ts'

/** One chat request as the route hands it over: checked against the schemas, and no more. */
export interface ChatCall {
  readonly c: Context<ProxyEnvironment>
  readonly body: WireChatRequest
  readonly headers: SteeringHeaders
}

/** An answer that the gateway has accepted and that nobody has read yet. */
export interface RunningAnswer {
  readonly body: WireChatRequest
  readonly request: AnswerRequest
  readonly prepared: PreparedAnswer
  readonly events: ChoiceEvents
  readonly identity: AnswerIdentity
  readonly lifetime: RequestSignal
  readonly tracker: RequestTracker
}

export interface StartOptions {
  readonly gateway: Gateway
  readonly systemFingerprint: string
  readonly clock: Clock
  readonly newId: () => string
}

/** Has the gateway prepare the answer. Rejects with what the gateway refuses. */
export async function startAnswer(
  { c, body, headers }: ChatCall,
  lifetime: RequestSignal,
  { gateway, clock, newId, systemFingerprint }: StartOptions,
): Promise<RunningAnswer> {
  const defaultModel = body.model ?? gateway.models[0]?.id
  if (defaultModel === undefined) {
    const message = 'The request names no model, and no default is configured.'
    throw new GatewayError('model_not_found', message, { param: 'model' })
  }
  const apiKey = bearerToken(c.req.header('authorization'))
  const request = answerRequest({ body, headers, apiKey, defaultModel, signal: lifetime.signal })
  const prepared = await gateway.prepare(request)
  const tracker = c.get('tracker')
  const model = gateway.models.some(({ id }) => id === request.model) ? request.model : 'other'
  tracker.answerPrepared({ model, stream: body.stream === true, prepared })
  const identity: AnswerIdentity = {
    id: `chatcmpl-${newId()}`,
    created: clock.unixSeconds(),
    model: request.model,
    system_fingerprint: systemFingerprint,
  }
  const events = choiceEvents(prepared.choices, lifetime.signal)
  return { body, request, prepared, events, identity, lifetime, tracker }
}
