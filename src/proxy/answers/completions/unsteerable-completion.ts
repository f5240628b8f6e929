import {
  fieldsWithoutEffect,
  firstObstacle,
  type Unsteerable,
  unsteerableFields,
} from '../unsteerable-request.ts'
import { streamOptionFields } from '../wire/steered-fields.ts'
import { completionFields } from './completion-fields.ts'
import type { WireCompletionRequest } from './completion-request-schema.ts'

/** What of a completion request a steered answer could not honour, or null. */
export function unsteerableCompletion(body: WireCompletionRequest): Unsteerable | null {
  return firstObstacle(obstacles(body))
}

/** The fields of a completion request that are accepted without effect. */
export function completionWithoutEffect(body: WireCompletionRequest): readonly string[] {
  return [
    ...fieldsWithoutEffect(body, completionFields),
    ...fieldsWithoutEffect(body.stream_options ?? {}, streamOptionFields, 'stream_options'),
  ]
}

function* obstacles(body: WireCompletionRequest): Generator<Unsteerable, void, undefined> {
  for (const obstacle of unsteerableFields(body, completionFields)) {
    // The best `n` of `n` answers are all of them.
    if (obstacle.field !== 'best_of' || body.best_of !== body.n) yield obstacle
  }
  // Asked for by those who want the prompt scored.
  if (body.max_tokens === 0) yield { field: 'max_tokens', reason: 'not-supported' }
}
