import type { ChatMessage, ChatToolCall } from '../../../steer/chat-prompt.ts'

/** Messages of one conversation. */
export const MAX_MESSAGES = 2048

/** A part that says nothing, such as an image, has neither field. */
interface WirePart {
  readonly text?: string | null | undefined
  readonly refusal?: string | null | undefined
}

interface WireMessage {
  readonly role?: string | undefined
  readonly content?: string | readonly WirePart[] | null | undefined
  readonly refusal?: string | null | undefined
  readonly tool_call_id?: string | null | undefined
  readonly tool_calls?: readonly WireCall[] | null | undefined
}

interface WireCall {
  readonly id: string
  readonly function?: { readonly name: string; readonly arguments: string } | undefined
}

/**
 * Whether a message says nothing at all, which only an assistant may do: it had called tools, or had thought.
 */
export function isEmptyTurn({ content, refusal }: WireMessage): boolean {
  return refusal == null && (content == null || (typeof content !== 'string' && content.length === 0))
}

/**
 * A message as the gateway takes it: templates know four roles, and plain text. A refusal is what the
 * assistant said.
 */
export function publicMessage({ role, content, refusal, ...wire }: WireMessage): ChatMessage {
  const parts = typeof content === 'string' ? [{ text: content }] : (content ?? [])
  const said = parts.flatMap((part: WirePart) => partTexts(part))
  // A line break keeps the parts as far apart as vLLM and llama.cpp keep them.
  const text = [...said, ...(refusal ? [refusal] : [])].join('\n')
  if (role === 'tool') {
    const { tool_call_id: id } = wire
    return { role, content: text, ...(id == null ? {} : { tool_call_id: id }) }
  }
  const calls = role === 'assistant' ? (wire.tool_calls ?? []).flatMap(toolCall) : []
  return {
    role: role === 'user' || role === 'assistant' ? role : 'system',
    content: text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

function toolCall({ id, function: called }: WireCall): ChatToolCall[] {
  if (called === undefined) return []
  return [{ id, type: 'function', function: { name: called.name, arguments: called.arguments } }]
}

function partTexts({ text, refusal }: WirePart): string[] {
  if (!refusal) return [text ?? '']
  return text ? [text, refusal] : [refusal]
}
