import type { ConversationSoFar } from './conversation-tokens.ts'

/**
 * How a service is told to go on with the last message: by fields of vLLM and SGLang, by a field of the
 * message as DeepSeek has it, or by nothing but its being the assistant's.
 */
export type Continuation = 'continue_final_message' | 'prefix' | 'last-message'

/** In the order in which they are tried. */
export const continuations: readonly Continuation[] = ['continue_final_message', 'prefix', 'last-message']

/** The fields of a request that ask for what comes behind the answer so far. */
export function continuing(
  way: Continuation,
  { messages, templateKwargs, answer }: ConversationSoFar,
): Record<string, unknown> {
  const ofTemplate =
    way === 'continue_final_message'
      ? {
          ...(templateKwargs === undefined ? {} : { chat_template_kwargs: templateKwargs }),
          // What a model's own file sets would count otherwise
          top_k: -1,
          min_p: 0,
          repetition_penalty: 1,
        }
      : {}
  if (answer === '') return { messages, ...ofTemplate }
  const last = { role: 'assistant', content: answer, ...(way === 'prefix' ? { prefix: true } : {}) }
  return {
    messages: [...messages, last],
    ...ofTemplate,
    ...(way === 'continue_final_message'
      ? { continue_final_message: true, add_generation_prompt: false }
      : {}),
  }
}
