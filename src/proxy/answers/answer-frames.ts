import type { ErrorEnvelope } from '../errors/error-schema.ts'
import { PING_FRAME } from '../sse/sse-frame.ts'
import type { ChoiceEvent } from './choice-events.ts'
import type { RunningAnswer } from './running-answer.ts'

/** How an endpoint writes its stream. Every function returns whole frames, or nothing as ''. */
export interface FrameShape {
  /** Ahead of the first event. */
  begin(): string
  event(event: ChoiceEvent): string
  /** After the last event of a complete answer. */
  end(): string
  /** In place of the rest, when the answer fails. */
  failure(error: ErrorEnvelope): string
}

export interface AnswerFramesOptions {
  readonly shape: FrameShape
  readonly answer: RunningAnswer
  readonly first: Promise<ChoiceEvent | null>
  /** False when `first` kept the client waiting so long that it needs a sign of life at once. */
  readonly beganInTime: boolean
  /** What to tell the client of a failure. */
  readonly report: (error: unknown) => ErrorEnvelope
  /** Called at the end, whichever way it comes. */
  readonly onEnd: () => void
}

/** The frames of a streamed answer; only a complete one gets the frames of its end. */
export async function* answerFrames(options: AnswerFramesOptions): AsyncGenerator<string, void> {
  const { shape, answer, first, beganInTime, report, onEnd } = options
  const { events, prepared } = answer
  let ended = 0
  try {
    const opening = shape.begin()
    if (opening !== '') yield opening
    else if (!beganInTime) yield PING_FRAME
    for (let next = await first; next !== null; next = await events.next()) {
      if (next.event.type === 'answer-end') ended++
      const text = shape.event(next)
      if (text !== '') yield text
    }
    if (ended < prepared.choices.length) throw new Error('A choice ended without its last event.')
    yield shape.end()
  } catch (error) {
    yield shape.failure(report(error))
  } finally {
    onEnd()
  }
}
