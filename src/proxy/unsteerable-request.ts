import type { WireContentPart, WireMessage } from './openai/chat-message-schema.ts'
import type { WireChatRequest } from './openai/chat-request-schema.ts'
import {
  harmlessFields,
  harmlessMessageFields,
  harmlessPartFields,
  honouredFields,
  neutralMessageValues,
  neutralValues,
} from './openai/steered-fields.ts'

/** Why a well-formed request cannot be steered. */
export interface Unsteerable {
  /** The field at fault, such as `tools` or `messages[2].role`. */
  readonly field: string
  readonly reason: 'not-supported' | 'unknown-field'
}

/**
 * The first field that a steered answer could not honour, or null. Nothing is dropped silently: a field is honoured,
 * documented as harmless, holds a value that asks for nothing, or is named here.
 */
export function unsteerable(body: WireChatRequest): Unsteerable | null {
  return (
    firstOf(Object.entries(body), ([field, value]) => {
      if (honouredFields.has(field) || harmlessFields.has(field)) return null
      return judge(field, value, field, neutralValues)
    }) ?? firstOf(body.messages, (message, index) => unsteerableMessage(message, `messages[${index}]`))
  )
}

function unsteerableMessage(message: WireMessage, path: string): Unsteerable | null {
  const { role, content, name: _name, ...others } = message
  if (role === 'tool' || role === 'function') return { field: `${path}.role`, reason: 'not-supported' }
  return (
    firstOf(Object.entries(others), ([field, value]) => {
      if (harmlessMessageFields.has(field)) return null
      return judge(field, value, `${path}.${field}`, neutralMessageValues)
    }) ??
    (Array.isArray(content)
      ? firstOf(content, (part, index) => unsteerablePart(part, `${path}.content[${index}]`))
      : null)
  )
}

function unsteerablePart(part: WireContentPart, path: string): Unsteerable | null {
  const { type, text: _text, ...others } = part
  if (type !== 'text') return { field: `${path}.type`, reason: 'not-supported' }
  return firstOf(Object.entries(others), ([field, value]) =>
    harmlessPartFields.has(field) ? null : judge(field, value, `${path}.${field}`, {}),
  )
}

function judge(
  field: string,
  value: unknown,
  path: string,
  neutral: Readonly<Record<string, (value: unknown) => boolean>>,
): Unsteerable | null {
  const isNeutral = Object.hasOwn(neutral, field) ? neutral[field] : undefined
  if (isNeutral === undefined) return { field: path, reason: 'unknown-field' }
  return value === null || isNeutral(value) ? null : { field: path, reason: 'not-supported' }
}

function firstOf<T>(
  items: readonly T[],
  judgeItem: (item: T, index: number) => Unsteerable | null,
): Unsteerable | null {
  for (const [index, item] of items.entries()) {
    const found = judgeItem(item, index)
    if (found !== null) return found
  }
  return null
}
