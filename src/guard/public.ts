import { GatewayError } from '../gateway-error.ts'
import type { SlicedWork } from '../sliced-work.ts'
import type { FormMatcher } from './matching/form-matcher.ts'
import { protocolNames } from './protocol-names.ts'

declare const publicBrand: unique symbol

/**
 * What the upstream may read. Two functions make it, both here, so that no other text reaches an `Upstream`:
 * `guarded` where values are private, and `unguarded` where none are.
 */
export type Public<Value> = Value & { readonly [publicBrand]: true }

/**
 * Throws `invalid_request` where a private form stands in one of the value's texts, numbers and keys, but in
 * those that a protocol has named.
 */
export function* guarded<Value>(
  value: Value,
  { realForms }: { readonly realForms: FormMatcher },
): SlicedWork<Public<Value>> {
  if (yield* holdsForm(value, realForms)) throw heldBack()
  return value as Public<Value>
}

/**
 * Trusts that a value may be sent as it is: where nobody declared private values, where its tokens were
 * checked one by one, and where their owner asked to have a text rated. `test/architecture.test.ts` lists
 * who may say so.
 */
export function unguarded<Value>(value: Value): Public<Value> {
  return value as Public<Value>
}

export function heldBack(): GatewayError {
  const message =
    'The request was held back, since a private value of the profile stands in what would go upstream, such as the name of a tool or a part of the chat template. Rename it there, or declare the value in another form.'
  return new GatewayError('invalid_request', message)
}

function* holdsForm(value: unknown, forms: FormMatcher): SlicedWork<boolean> {
  if (typeof value === 'string') return yield* forms.standsIn(value)
  if (typeof value === 'number' || typeof value === 'bigint') return yield* forms.standsIn(String(value))
  if (typeof value !== 'object' || value === null) return false
  for (const [key, one] of Object.entries(value)) {
    if (!protocolNames.has(key) && (yield* forms.standsIn(key))) return true
    if (yield* holdsForm(one, forms)) return true
  }
  return false
}
