import type { BegunAnswer, FrameWriter } from '../answer-endpoint.ts'
import { includesUsage } from '../fields/delivery-fields.ts'
import { chunkFrames } from '../wire/chunk-frames.ts'
import type { WireCompletionRequest } from './completion-fields.ts'
import type { CompletionChunk } from './completion-response-schema.ts'
import { LegacyLogprobsWriter } from './legacy-logprobs.ts'

/** A streamed completion. */
export function completionFrames(answer: BegunAnswer, body: WireCompletionRequest): FrameWriter {
  const writers = new Map<number, LegacyLogprobsWriter>()
  const writerOf = (choice: number) => {
    const writer = writers.get(choice) ?? new LegacyLogprobsWriter()
    writers.set(choice, writer)
    return writer
  }
  return chunkFrames<CompletionChunk['choices'][number]>(answer, {
    object: 'text_completion',
    withUsage: includesUsage(body),
    chunksOf(index, event) {
      if (event.type === 'answer-end') {
        return [{ index, text: '', logprobs: null, finish_reason: event.finishReason }]
      }
      // Raw prompts are continued as they are: there are no thoughts and no calls
      if (event.type !== 'text-delta') return []
      const logprobs = body.logprobs == null ? null : writerOf(index).write(event.tokens)
      return [{ index, text: event.text, logprobs, finish_reason: null }]
    },
  })
}
