import {
  type FieldFates,
  fieldsWithoutEffect,
  firstObstacle,
  type Unsteerable,
  unsteerableFields,
} from '../unsteerable-request.ts'
import { chatFields, harmlessPartFields, messageFields, streamOptionFields } from '../wire/steered-fields.ts'
import type { WireContentPart, WireMessage } from './chat-message-schema.ts'
import type { WireChatRequest } from './chat-request-schema.ts'

const partFields: FieldFates = {
  honoured: new Set(['type', 'text']),
  harmless: harmlessPartFields,
  neutral: {},
}

/** What of a chat request a steered answer could not honour, or null. */
export function unsteerableChat(body: WireChatRequest): Unsteerable | null {
  return firstObstacle(obstacles(body))
}

/** The fields of a chat request that are accepted without effect. */
export function chatWithoutEffect(body: WireChatRequest): readonly string[] {
  return [...new Set(ignored(body))]
}

function* ignored(body: WireChatRequest): Generator<string, void, undefined> {
  yield* fieldsWithoutEffect(body, chatFields)
  yield* fieldsWithoutEffect(body.stream_options ?? {}, streamOptionFields, 'stream_options')
  for (const message of body.messages) {
    yield* fieldsWithoutEffect(message, messageFields, 'messages[]')
    if (!Array.isArray(message.content)) continue
    for (const part of message.content) {
      yield* fieldsWithoutEffect(part, partFields, 'messages[].content[]')
    }
  }
}

type Obstacles = Generator<Unsteerable, void, undefined>

function* obstacles(body: WireChatRequest): Obstacles {
  yield* unsteerableFields(body, chatFields)
  for (const [index, message] of body.messages.entries()) {
    yield* messageObstacles(message, `messages[${index}]`)
  }
}

function* messageObstacles(message: WireMessage, path: string): Obstacles {
  const { role, content } = message
  if (role === 'tool' || role === 'function') yield { field: `${path}.role`, reason: 'not-supported' }
  yield* unsteerableFields(message, messageFields, path)
  if (!Array.isArray(content)) return
  for (const [index, part] of content.entries()) yield* partObstacles(part, `${path}.content[${index}]`)
}

function* partObstacles(part: WireContentPart, path: string): Obstacles {
  if (part.type === 'text') yield* unsteerableFields(part, partFields, path)
  else yield { field: `${path}.type`, reason: 'not-supported' }
}
