import { GatewayError } from '../../gateway-error.ts'
import type { FormMatcher } from '../../guard/matching/form-matcher.ts'
import { PrefixCheck } from '../../steer/guard/prefix-check.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'

/**
 * The same upstream, to which no prefix goes that holds a private form: the last check, which nothing should
 * ever reach. Rejects with `invalid_request` instead.
 */
export function guardedUpstream(upstream: Upstream, realForms: FormMatcher): Upstream {
  const check = new PrefixCheck({ realForms, vocabulary: upstream.vocabulary })
  const checked = (prefixes: readonly (readonly TokenId[])[]) => {
    for (const prefix of prefixes) if (check.holdsPrivate(prefix)) throw heldBack()
  }
  return {
    model: upstream.model,
    vocabulary: upstream.vocabulary,
    limits: upstream.limits,
    async encodeChat(chat, signal) {
      checkPublic(JSON.stringify(chat), { realForms })
      return upstream.encodeChat(chat, signal)
    },
    async distributions(query) {
      checked(query.prefixes)
      return upstream.distributions(query)
    },
    async *stream(query) {
      checked([query.prefix])
      yield* upstream.stream(query)
    },
    close: () => upstream.close(),
  }
}

/** Throws `invalid_request` for a text that holds a private form. */
export function checkPublic(text: string, { realForms }: { readonly realForms: FormMatcher }): void {
  if (realForms.find(text).length > 0) throw heldBack()
}

function heldBack(): GatewayError {
  const message =
    'The request was held back, since a private value of the profile stands in what would go upstream, such as the name of a tool or a part of the chat template. Rename it there, or declare the value in another form.'
  return new GatewayError('invalid_request', message)
}
