import type { FinishReason } from '../../../gateway/answer.ts'
import type { BegunAnswer, EndedAnswer } from '../answer-endpoint.ts'
import type { WireResponseRequest } from './response-fields.ts'
import type { WireItem, WireResponse } from './response-object-schema.ts'

/** What is known of a response at its beginning; everything that the request said of it comes back. */
export function begunResponse({ identity }: BegunAnswer, body: WireResponseRequest): WireResponse {
  const { id, created, model } = identity
  const tools = body.tools ?? []
  const offersTools = tools.length > 0
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
    parallel_tool_calls: offersTools && body.parallel_tool_calls !== false,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' } },
    tool_choice: offersTools && body.tool_choice !== 'none' ? 'auto' : 'none',
    tools,
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
    user: body.user ?? null,
  }
}

/** How a response ended. */
export interface ResponseOutcome extends BegunAnswer, EndedAnswer {
  readonly items: readonly WireItem[]
  readonly finishReason: FinishReason
}

/** The response once its answer has ended: incomplete where it reached its limit. */
export function endedResponse(begun: WireResponse, outcome: ResponseOutcome): WireResponse {
  const { items, finishReason, promptTokens, completionTokens, reasoningTokens, completedAt } = outcome
  const isComplete = finishReason !== 'length'
  return {
    ...begun,
    completed_at: isComplete ? completedAt : null,
    status: isComplete ? 'completed' : 'incomplete',
    incomplete_details: isComplete ? null : { reason: 'max_output_tokens' },
    output: [...items],
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
      total_tokens: promptTokens + completionTokens,
    },
  }
}
