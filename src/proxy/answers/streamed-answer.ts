import type { ErrorEnvelope } from '../errors/error-schema.ts'
import { rootFailure } from '../errors/proxy-error.ts'
import { clientStream, type StreamOptions } from '../request/client-stream.ts'
import type { Timers } from '../timers.ts'
import type { FrameWriter } from './answer-endpoint.ts'
import type { ChoiceEvent } from './merged-choices.ts'
import type { RunningAnswer } from './running-answer.ts'

/**
 * The body of a streamed answer. Resolves with its first event, so that an early failure still rejects and
 * gets a real status; when that takes longer than the keep-alive interval, the stream starts without it and a
 * sign of life goes out.
 */
export async function streamedAnswer(
  answer: RunningAnswer,
  writer: FrameWriter,
  options: StreamOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { choices, lifetime, tracker } = answer
  const { keepAliveMs, timers, report } = options
  const first = choices.next()
  const beganInTime = await settledWithin(first, keepAliveMs, timers).catch((error: unknown) => {
    choices.close()
    throw error
  })
  const failureOf = (error: unknown) => report(rootFailure(error, lifetime.signal), tracker).body
  return clientStream({
    ...options,
    pieces: answerFrames(answer, writer, { first, beganInTime, timers, failureOf }),
    ping: writer.ping,
    status: 200,
    lifetime,
    tracker,
    onEnd: choices.close,
  })
}

interface FramesOptions {
  readonly first: Promise<ChoiceEvent | null>
  /** False when `first` kept the client waiting so long that it needs a sign of life at once. */
  readonly beganInTime: boolean
  readonly timers: Timers
  readonly failureOf: (error: unknown) => ErrorEnvelope
}

/** The frames of a streamed answer; only a complete one gets the frames of its end. */
async function* answerFrames(
  { choices }: RunningAnswer,
  writer: FrameWriter,
  { first, beganInTime, timers, failureOf }: FramesOptions,
): AsyncGenerator<string, void> {
  try {
    const opening = writer.begin()
    if (opening !== '') yield opening
    else if (!beganInTime) yield writer.ping
    for (let next = await first; next !== null; next = await choices.next()) {
      const text = writer.event(next)
      if (text !== '') yield text
    }
    const { completionTokens, reasoningTokens, cost } = choices
    yield writer.end({ completionTokens, reasoningTokens, cost, completedAt: timers.unixSeconds() })
  } catch (error) {
    yield writer.failure(failureOf(error))
  }
}

/** Whether `promise` settled before the delay was over; a delay of 0 waits for it. */
async function settledWithin(promise: Promise<unknown>, delayMs: number, timers: Timers): Promise<boolean> {
  const settled = promise.then(() => true)
  if (delayMs === 0) return settled
  let cancel = () => {}
  const late = new Promise<boolean>((resolve) => {
    cancel = timers.after(delayMs, () => resolve(false))
  })
  return Promise.race([settled, late]).finally(cancel)
}
