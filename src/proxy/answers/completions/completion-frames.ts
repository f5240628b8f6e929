import { DONE_FRAME, dataFrame } from '../../sse/sse-frame.ts'
import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { includesUsage } from '../fields/delivery-fields.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import type { WireTrace } from '../trace/trace-schema.ts'
import { usage } from '../wire/usage.ts'
import type { WireCompletionRequest } from './completion-fields.ts'
import type { CompletionChunk } from './completion-response-schema.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'

type ChunkChoice = CompletionChunk['choices'][number]

/** A streamed completion: chunks of text, then `[DONE]`. */
export function completionFrames(
  { identity, promptTokens }: BegunAnswer,
  body: WireCompletionRequest,
): FrameWriter {
  const withUsage = includesUsage(body)
  const writers = new Map<number, LegacyLogprobsWriter>()
  const logprobsOf = (choice: number) => {
    const writer = writers.get(choice) ?? new LegacyLogprobsWriter()
    writers.set(choice, writer)
    return writer
  }
  // `usage` is null on all chunks but its own, as at OpenAI.
  const chunk = (
    choices: ChunkChoice[],
    more: { usage?: CompletionChunk['usage']; costeer?: WireTrace } = {},
  ) => {
    const { id, created, model, system_fingerprint } = identity
    const head = { id, object: 'text_completion', created, model, system_fingerprint, choices } as const
    const whole: CompletionChunk = { ...head, ...(withUsage ? { usage: null } : {}), ...more }
    return dataFrame(whole)
  }
  return {
    begin: () => '',
    event({ choice: index, event }) {
      if (isTraced(event)) return chunk([], { costeer: traceObject(index, event) })
      if (event.type === 'answer-end') {
        return chunk([{ index, text: '', logprobs: null, finish_reason: event.finishReason }])
      }
      const logprobs = body.logprobs == null ? null : logprobsOf(index).write(event.tokens)
      return chunk([{ index, text: event.text, logprobs, finish_reason: null }])
    },
    end: ({ completionTokens }) =>
      (withUsage ? chunk([], { usage: usage(promptTokens, completionTokens) }) : '') + DONE_FRAME,
    failure: (error) => dataFrame(error),
  }
}
