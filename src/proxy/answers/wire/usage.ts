import type { Usage } from './usage-schema.ts'

/** Token counts of a request; `completionTokens` holds one count for each choice. */
export function usage(promptTokens: number, completionTokens: readonly number[]): Usage {
  const completion = completionTokens.reduce((sum, count) => sum + count, 0)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
  }
}
