import type { WireTrace } from '../trace/trace-schema.ts'
import type { ReportedToken } from '../wire/token-logprobs.ts'
import { outputText } from './response-items.ts'
import type { ResponseEvent, WireItem } from './response-object-schema.ts'

/** The events with which an item begins, and its part where it has one. */
export function itemAdded(item: WireItem, output_index: number): readonly ResponseEvent[] {
  const added = { type: 'response.output_item.added', output_index, item } as const
  if (item.type === 'function_call') return [added]
  const part = item.type === 'message' ? outputText('', []) : { type: 'reasoning_text' as const, text: '' }
  return [added, { type: 'response.content_part.added', ...contentPlace(item, output_index), part }]
}

interface Delta {
  readonly text: string
  /** Of a message. */
  readonly logprobs?: readonly ReportedToken[]
  /** What a traced answer tells beside the text. */
  readonly trace?: WireTrace
}

/** More of an item's text or arguments. */
export function itemDelta(
  item: WireItem,
  output_index: number,
  { text, logprobs = [], trace }: Delta,
): ResponseEvent {
  const told = { delta: text, ...(trace === undefined ? {} : { costeer: trace }) }
  if (item.type === 'function_call') {
    return { type: 'response.function_call_arguments.delta', item_id: item.id, output_index, ...told }
  }
  const place = contentPlace(item, output_index)
  if (item.type === 'reasoning') return { type: 'response.reasoning_text.delta', ...place, ...told }
  return { type: 'response.output_text.delta', ...place, logprobs: [...logprobs], ...told }
}

/** The events that close an item, from its text or arguments to itself. */
export function itemDone(item: WireItem, output_index: number): readonly ResponseEvent[] {
  const done = { type: 'response.output_item.done', output_index, item } as const
  if (item.type === 'function_call') {
    const { id: item_id, name, arguments: json } = item
    const type = 'response.function_call_arguments.done'
    return [{ type, item_id, output_index, name, arguments: json }, done]
  }
  const place = contentPlace(item, output_index)
  const parts = item.content.flatMap((part): ResponseEvent[] => [
    part.type === 'output_text'
      ? { type: 'response.output_text.done', ...place, text: part.text, logprobs: part.logprobs }
      : { type: 'response.reasoning_text.done', ...place, text: part.text },
    { type: 'response.content_part.done', ...place, part },
  ])
  return [...parts, done]
}

function contentPlace({ id }: WireItem, output_index: number) {
  return { item_id: id, output_index, content_index: 0 } as const
}
