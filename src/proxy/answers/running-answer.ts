import type { PreparedAnswer } from '../../gateway/answer.ts'
import type { RequestSignal } from '../request/request-signal.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import type { ChoiceEvents } from './choice-events.ts'
import type { AnswerIdentity } from './wire/answer-identity.ts'

/** An answer that the gateway has accepted and that nobody has read yet. */
export interface RunningAnswer {
  /** With several prompts: the choices of the first one, then those of the next. */
  readonly prepared: PreparedAnswer
  readonly events: ChoiceEvents
  readonly identity: AnswerIdentity
  /** Whether it tells how each token came about. */
  readonly traced: boolean
  readonly lifetime: RequestSignal
  readonly tracker: RequestTracker
}
