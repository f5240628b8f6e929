import type { ChatPrompt } from '../../steer/chat-prompt.ts'

/** What servers are asked to put into their chat template, by the names that llama.cpp and vLLM share. */
export function templateBody({ messages, tools = [], templateKwargs }: ChatPrompt) {
  return {
    messages,
    ...(tools.length === 0 ? {} : { tools }),
    ...(templateKwargs === undefined ? {} : { chat_template_kwargs: templateKwargs }),
  }
}
