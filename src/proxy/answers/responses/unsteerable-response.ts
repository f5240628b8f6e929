import {
  fieldsWithoutEffect,
  firstObstacle,
  type Unsteerable,
  unsteerableFields,
} from '../unsteerable-request.ts'
import { streamOptionFields } from '../wire/steered-fields.ts'
import { responseFields, responseMessageFields, responsePartFields } from './response-fields.ts'
import {
  isMessage,
  isTextPart,
  type WireInputItem,
  type WireResponseRequest,
} from './response-request-schema.ts'

/** What of a response request a steered answer could not honour, or null. */
export function unsteerableResponse(body: WireResponseRequest): Unsteerable | null {
  return firstObstacle(obstacles(body))
}

/** The fields of a response request that are accepted without effect. */
export function responseWithoutEffect(body: WireResponseRequest): readonly string[] {
  return [...new Set(ignored(body))]
}

function* ignored(body: WireResponseRequest): Generator<string, void, undefined> {
  yield* fieldsWithoutEffect(body, responseFields)
  yield* fieldsWithoutEffect(body.stream_options ?? {}, streamOptionFields, 'stream_options')
  if (typeof body.input === 'string') return
  for (const item of body.input.filter(isMessage)) {
    yield* fieldsWithoutEffect(item, responseMessageFields, 'input[]')
    if (!Array.isArray(item.content)) continue
    for (const part of item.content) {
      yield* fieldsWithoutEffect(part, responsePartFields, 'input[].content[]')
    }
  }
}

type Obstacles = Generator<Unsteerable, void, undefined>

function* obstacles(body: WireResponseRequest): Obstacles {
  yield* unsteerableFields(body, responseFields)
  if (typeof body.input === 'string') return
  for (const [index, item] of body.input.entries()) yield* itemObstacles(item, `input[${index}]`)
}

function* itemObstacles(item: WireInputItem, path: string): Obstacles {
  // What a model thought before it said what it said is no part of the conversation.
  if (item.type === 'reasoning') return
  if (!isMessage(item)) {
    yield { field: `${path}.type`, reason: 'not-supported' }
    return
  }
  yield* unsteerableFields(item, responseMessageFields, path)
  if (!Array.isArray(item.content)) return
  for (const [index, part] of item.content.entries()) {
    const at = `${path}.content[${index}]`
    if (isTextPart(part)) yield* unsteerableFields(part, responsePartFields, at)
    else yield { field: `${at}.type`, reason: 'not-supported' }
  }
}
