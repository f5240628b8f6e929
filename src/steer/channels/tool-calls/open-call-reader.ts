import type { CallReader } from './call-reader.ts'
import { GemmaCalls } from './gemma-calls.ts'
import { JsonCalls } from './json-calls.ts'
import { NamedCalls } from './named-calls.ts'
import type { OfferedTools } from './offered-tools.ts'
import { TaggedCalls } from './tagged-calls.ts'
import type { CallBody, ToolCallSyntax } from './tool-call-syntax.ts'

/** Opens the reader of one block, which `opener` has opened. */
export function openCallReader(syntax: ToolCallSyntax, opener: string, tools: OfferedTools): CallReader {
  const body: CallBody = syntax.body
  switch (body.type) {
    case 'json':
      // Without a marker only a tool's name tells a call from JSON that was asked for
      return new JsonCalls(opener === '' ? (name) => tools.has(name) : () => true)
    case 'named':
      return new NamedCalls(body.header, opener)
    case 'tagged':
      return new TaggedCalls(body.tags, { opener, tools })
    case 'gemma':
      return new GemmaCalls()
    default:
      return body satisfies never
  }
}
