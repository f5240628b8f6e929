import type { FinishReason } from '../../../gateway/answer.ts'
import { eventFrame, PING_FRAME } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import { failedResponseFrames } from './failed-response-frames.ts'
import type { WireResponseRequest } from './response-fields.ts'
import { begunResponse, endedResponse } from './response-object.ts'
import type { ResponseEvent } from './response-object-schema.ts'
import { ResponseOutput } from './response-output.ts'

/**
 * A streamed response: numbered events from `response.created` to `response.completed` (or `.incomplete`,
 * `.failed`).
 */
export function responseFrames(answer: BegunAnswer, body: WireResponseRequest): FrameWriter {
  let sequence = 0
  let finishReason: FinishReason = 'stop'
  const begun = begunResponse(answer, body)
  const output = new ResponseOutput(begun.id)
  const frame = (event: ResponseEvent) => {
    const { type, ...fields } = event
    return eventFrame({ type, sequence_number: sequence++, ...fields })
  }
  const frames = (events: readonly ResponseEvent[]) => events.map(frame).join('')
  return {
    begin: () =>
      frames([
        { type: 'response.created', response: begun },
        { type: 'response.in_progress', response: begun },
      ]),
    event({ choice, event }) {
      if (isTraced(event)) return frames(output.trace(traceObject(choice, event)))
      if (event.type !== 'answer-end') return frames(output.say(event))
      finishReason = event.finishReason
      return ''
    },
    end(ended) {
      const closing = output.end(finishReason)
      const items = output.items
      const response = endedResponse(begun, { ...answer, ...ended, items, finishReason })
      const type = response.status === 'completed' ? 'response.completed' : 'response.incomplete'
      return frames([...closing, { type, response }])
    },
    failure: (envelope) => failedResponseFrames({ response: begun, envelope, number: () => sequence++ }),
    ping: PING_FRAME,
  }
}
