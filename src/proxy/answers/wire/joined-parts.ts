import type { TokenReport } from '../../../gateway/answer.ts'
import type { CompleteCall, CompletePart } from '../answer-endpoint.ts'

export interface JoinedParts {
  readonly text: string
  /** What the model thought; mostly empty. */
  readonly reasoning: string
  /** Those of the text. */
  readonly tokens: readonly TokenReport[]
  readonly calls: readonly CompleteCall[]
}

/** An answer's parts by their kind, for replies that do not tell how they follow each other. */
export function joinedParts(parts: readonly CompletePart[]): JoinedParts {
  const said = (type: 'text' | 'reasoning') =>
    parts.map((part) => (part.type === type ? part.text : '')).join('')
  return {
    text: said('text'),
    reasoning: said('reasoning'),
    tokens: parts.flatMap((part) => (part.type === 'text' ? part.tokens : [])),
    calls: parts.filter((part) => part.type === 'call'),
  }
}
