/** A JSON object that a client sent and a template reads. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A call of an earlier assistant's message, as OpenAI's API and chat templates have it. */
export interface ChatToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: {
    readonly name: string
    /** A JSON text. */
    readonly arguments: string
  }
}

/** One message of a conversation, as the chat templates take it. Content is plain text. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  /** Of an assistant's message. */
  readonly tool_calls?: readonly ChatToolCall[]
  /** Of a tool's message: the call that it answers. */
  readonly tool_call_id?: string
  /** Of a tool's message: the tool. */
  readonly name?: string
}

/** A tool as the client describes it. */
export interface ChatTool {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description?: string
    /** A JSON schema. */
    readonly parameters?: JsonObject
  }
}

/** What a chat template makes a prompt of, ready for the assistant's first token. */
export interface ChatPrompt {
  readonly messages: readonly ChatMessage[]
  /** Absent and empty mean the same: none are offered. */
  readonly tools?: readonly ChatTool[]
  /** The tools are there, and are not to be called now. */
  readonly toolChoice?: 'none'
  /** Named values for the template beside those, such as `enable_thinking`. */
  readonly templateKwargs?: JsonObject
}
