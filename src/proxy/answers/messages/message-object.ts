import { callArguments } from '../../../steer/channels/tool-calls/call-arguments.ts'
import type {
  BegunAnswer,
  CompleteAnswer,
  CompleteChoice,
  CompletePart,
  EndedAnswer,
} from '../answer-endpoint.ts'
import type { WireAnswerBlock, WireMessageObject } from './message-object-schema.ts'

/** What is known of a message at its beginning. */
export function begunMessage({ identity: { id, model }, promptTokens }: BegunAnswer): WireMessageObject {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: messageUsage(promptTokens, { completionTokens: 0, reasoningTokens: null }),
  }
}

/** A message with all that it says. Throws Error for an answer without a choice. */
export function wholeMessage(answer: CompleteAnswer): WireMessageObject {
  const [choice] = answer.choices
  if (choice === undefined) throw new Error('A message without a choice.')
  return {
    ...begunMessage(answer),
    content: choice.parts.flatMap(answerBlock),
    ...stop(choice),
    usage: messageUsage(answer.promptTokens, answer),
  }
}

/** Why an answer ended. */
export function stop({
  finishReason,
  stopString,
}: Pick<CompleteChoice, 'finishReason' | 'stopString'>): Pick<
  WireMessageObject,
  'stop_reason' | 'stop_sequence'
> {
  if (stopString !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: stopString }
  const reasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const
  return { stop_reason: reasons[finishReason], stop_sequence: null }
}

/** Tokens that were read and written; nothing is cached for a client to pay less. */
export function messageUsage(
  promptTokens: number,
  { completionTokens, reasoningTokens }: Pick<EndedAnswer, 'completionTokens' | 'reasoningTokens'>,
): WireMessageObject['usage'] {
  return {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens_details: reasoningTokens === null ? null : { thinking_tokens: reasoningTokens },
  }
}

/** None for a call that the limit cut off: half of its input is no object that a client may use. */
function answerBlock(part: CompletePart): readonly WireAnswerBlock[] {
  if (part.type === 'reasoning') return [{ type: 'thinking', thinking: part.text, signature: '' }]
  if (part.type === 'text')
    return part.text === '' ? [] : [{ type: 'text', text: part.text, citations: null }]
  const input = callArguments(part.arguments)
  return input === null ? [] : [{ type: 'tool_use', id: part.id, name: part.name, input }]
}
