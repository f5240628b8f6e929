import type { FinishReason } from '../../../gateway/answer.ts'
import type { BegunAnswer, EndedAnswer } from '../answer-endpoint.ts'
import type { WireResponseRequest } from './response-fields.ts'
import type {
  WireMessageItem,
  WireOutputText,
  WireReasoningItem,
  WireResponse,
} from './response-object-schema.ts'

/** What is known of a response at its beginning; everything that the request said of it comes back. */
export function begunResponse({ identity }: BegunAnswer, body: WireResponseRequest): WireResponse {
  const { id, created, model } = identity
  return {
    id,
    object: 'response',
    created_at: created,
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model,
    output: [],
    parallel_tool_calls: false,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' } },
    tool_choice: 'none',
    tools: [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
    user: body.user ?? null,
  }
}

/** How a response ended. */
export interface ResponseOutcome extends BegunAnswer, EndedAnswer {
  /** Empty for none. */
  readonly reasoning: string
  readonly text: string
  readonly logprobs: WireOutputText['logprobs']
  readonly finishReason: FinishReason
}

export function endedResponse(begun: WireResponse, outcome: ResponseOutcome): WireResponse {
  const {
    reasoning,
    text,
    logprobs,
    finishReason,
    promptTokens,
    completionTokens,
    reasoningTokens,
    completedAt,
  } = outcome
  const isComplete = finishReason !== 'length'
  const status = isComplete ? 'completed' : 'incomplete'
  return {
    ...begun,
    completed_at: isComplete ? completedAt : null,
    status,
    incomplete_details: isComplete ? null : { reason: 'max_output_tokens' },
    output: [
      ...(reasoning === '' ? [] : [reasoningItem(begun.id, 'completed', [reasoning])]),
      messageItem(begun.id, status, [outputText(text, logprobs)]),
    ],
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
      total_tokens: promptTokens + completionTokens,
    },
  }
}

/** The thoughts in front of a response's message. */
export function reasoningItem(
  responseId: string,
  status: WireReasoningItem['status'],
  texts: readonly string[],
): WireReasoningItem {
  const content = texts.map((text) => ({ type: 'reasoning_text' as const, text }))
  return { id: responseId.replace(/^resp_/, 'rs_'), type: 'reasoning', status, summary: [], content }
}

/** The one message of a response. Its id follows from the response's, so that both ways of asking agree. */
export function messageItem(
  responseId: string,
  status: WireMessageItem['status'],
  content: readonly WireOutputText[],
): WireMessageItem {
  return {
    id: responseId.replace(/^resp_/, 'msg_'),
    type: 'message',
    status,
    role: 'assistant',
    content: [...content],
  }
}

export function outputText(text: string, logprobs: WireOutputText['logprobs']): WireOutputText {
  return {
    type: 'output_text',
    text,
    annotations: [],
    logprobs,
  }
}
