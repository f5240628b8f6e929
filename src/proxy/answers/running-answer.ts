import { randomUUID } from 'node:crypto'
import type { PreparedAnswer, SteeringState } from '../../gateway/answer.ts'
import type { AnswerRequest } from '../../gateway/answer-request.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { NO_PROFILE } from '../../profiles/profile.ts'
import type { RequestLifetime } from '../request/request-lifetime.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import type { Timers } from '../timers.ts'
import type { BegunAnswer } from './answer-endpoint.ts'
import { type MeasuredChoices, measuredChoices } from './measured-choices.ts'

/** OpenAI's clients expect one; settings and versions are not told by it. */
const SYSTEM_FINGERPRINT = 'costeer'

/** An answer that the gateway has accepted and that nobody has read yet. */
export interface RunningAnswer extends BegunAnswer {
  readonly steering: SteeringState
  readonly choices: MeasuredChoices
  /** Whether it tells how each token came about. */
  readonly traced: boolean
  readonly lifetime: RequestLifetime
  readonly tracker: RequestTracker
}

export interface StartOptions {
  readonly gateway: Gateway
  readonly timers: Timers
}

interface AnswerOrder {
  /** The name that the client sent, or the default. */
  readonly model: string
  /** One for each prompt, at least one. */
  readonly requests: readonly AnswerRequest[]
  readonly stream: boolean
  readonly idPrefix: string
  readonly lifetime: RequestLifetime
  readonly tracker: RequestTracker
}

/** Has the gateway prepare an answer. Rejects with what the gateway refuses. */
export async function startAnswer(
  { model, requests, stream, idPrefix, lifetime, tracker }: AnswerOrder,
  { gateway, timers }: StartOptions,
): Promise<RunningAnswer> {
  const prepared = joined(await Promise.all(requests.map((request) => gateway.prepare(request))))
  const known = gateway.models.some(({ id }) => id === model) ? model : 'other'
  const declined = requests[0]?.caller.profile === NO_PROFILE
  tracker.answerPrepared({ model: known, stream, prepared, declined })
  return {
    identity: {
      id: idPrefix + randomUUID().replaceAll('-', ''),
      created: timers.unixSeconds(),
      model,
      system_fingerprint: SYSTEM_FINGERPRINT,
    },
    promptTokens: prepared.promptTokens,
    reasoningField: gateway.upstreamOf(model).reasoningField,
    steering: prepared.steering,
    choices: measuredChoices(prepared.choices, { signal: lifetime.signal, tracker }),
    traced: requests.some(({ trace }) => trace),
    lifetime,
    tracker,
  }
}

/** Several prompts of one request have the same caller and model, and so the same steering. */
function joined(prepared: readonly PreparedAnswer[]): PreparedAnswer {
  return {
    steering: prepared[0]?.steering ?? { state: 'off' },
    promptTokens: prepared.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    choices: prepared.flatMap(({ choices }) => choices),
  }
}
