import type { PreparedAnswer } from '../../gateway/answer.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { Clock } from '../clock.ts'
import { bearerToken } from '../guards/api-key-check.ts'
import type { RequestSignal } from '../request/request-signal.ts'
import type { AnswerCall } from './answer-call.ts'
import { choiceEvents } from './choice-events.ts'
import type { RunningAnswer } from './running-answer.ts'
import type { AnswerIdentity } from './wire/answer-identity.ts'

export interface StartOptions {
  readonly gateway: Gateway
  readonly systemFingerprint: string
  readonly clock: Clock
  readonly newId: () => string
}

/** Has the gateway prepare the answer. Rejects with what the gateway refuses. */
export async function startAnswer(
  call: AnswerCall<unknown>,
  { model, lifetime }: { model: string; lifetime: RequestSignal },
  { gateway, clock, newId, systemFingerprint }: StartOptions,
): Promise<RunningAnswer> {
  const { c, stream, idPrefix } = call
  const apiKey = bearerToken(c.req.header('authorization'))
  const requests = call.requests({ model, apiKey, signal: lifetime.signal })
  const prepared = joined(await Promise.all(requests.map((request) => gateway.prepare(request))))
  const tracker = c.get('tracker')
  const known = gateway.models.some(({ id }) => id === model) ? model : 'other'
  tracker.answerPrepared({ model: known, stream, prepared })
  const identity: AnswerIdentity = {
    id: `${idPrefix}${newId()}`,
    created: clock.unixSeconds(),
    model,
    system_fingerprint: systemFingerprint,
  }
  const events = choiceEvents(prepared.choices, lifetime.signal)
  const traced = requests.some(({ trace }) => trace)
  return { prepared, events, identity, traced, lifetime, tracker }
}

/** Several prompts of one request have the same caller and model, and so the same steering. */
function joined(prepared: readonly PreparedAnswer[]): PreparedAnswer {
  return {
    steering: prepared[0]?.steering ?? { state: 'off' },
    promptTokens: prepared.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    choices: prepared.flatMap(({ choices }) => choices),
  }
}
