import type { CompleteCall } from '../answer-endpoint.ts'
import type {
  WireCallItem,
  WireItem,
  WireMessageItem,
  WireOutputText,
  WireReasoningItem,
} from './response-object-schema.ts'

type ItemStatus = WireItem['status']

/** Where an item stands. */
export interface ItemPlace {
  readonly responseId: string
  /** Its index in the response's output. */
  readonly index: number
}

/** Thoughts of the model. */
export function reasoningItem(
  place: ItemPlace,
  status: ItemStatus,
  texts: readonly string[],
): WireReasoningItem {
  const content = texts.map((text) => ({ type: 'reasoning_text' as const, text }))
  return { id: itemId('rs', place), type: 'reasoning', status, summary: [], content }
}

/** What it says. */
export function messageItem(
  place: ItemPlace,
  status: ItemStatus,
  content: readonly WireOutputText[],
): WireMessageItem {
  return { id: itemId('msg', place), type: 'message', status, role: 'assistant', content: [...content] }
}

export function outputText(text: string, logprobs: WireOutputText['logprobs']): WireOutputText {
  return { type: 'output_text', text, annotations: [], logprobs }
}

/** A call of one of the tools that the request offers. */
export function callItem(
  place: ItemPlace,
  status: ItemStatus,
  { id, name, arguments: json }: Pick<CompleteCall, 'id' | 'name' | 'arguments'>,
): WireCallItem {
  return { id: itemId('fc', place), type: 'function_call', status, call_id: id, name, arguments: json }
}

/** It follows from the response's own. */
function itemId(kind: string, { responseId, index }: ItemPlace): string {
  return `${responseId.replace(/^resp/, kind)}_${index}`
}
