import type { AnswerEvent } from '../../../gateway/answer.ts'
import { DONE_FRAME, dataFrame, PING_FRAME } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, type TracedEvent, traceObject } from '../trace/trace-object.ts'
import { replyHead } from './answer-identity.ts'
import { usage } from './usage.ts'

export interface ChunkFramesOptions<Choice> {
  /** `object` of a chunk. */
  readonly object: string
  /** Whether a chunk of usage ends the stream; all others then have `usage: null`, as at OpenAI. */
  readonly withUsage: boolean
  /** What an event says of its choice, a chunk each. */
  readonly chunksOf: (index: number, event: Exclude<AnswerEvent, TracedEvent>) => readonly Choice[]
}

/** A stream of chunks of one type, then `[DONE]`. */
export function chunkFrames<Choice extends object>(
  { identity, promptTokens }: BegunAnswer,
  { object, withUsage, chunksOf }: ChunkFramesOptions<Choice>,
): FrameWriter {
  const chunk = (choices: readonly Choice[], more: object = {}) =>
    dataFrame({ ...replyHead(object, identity), choices, ...(withUsage ? { usage: null } : {}), ...more })
  return {
    begin: () => '',
    event: ({ choice: index, event }) =>
      isTraced(event)
        ? chunk([], { costeer: traceObject(index, event) })
        : chunksOf(index, event)
            .map((choice) => chunk([choice]))
            .join(''),
    end: (ended) => (withUsage ? chunk([], { usage: usage(promptTokens, ended) }) : '') + DONE_FRAME,
    failure: dataFrame,
    ping: PING_FRAME,
  }
}
