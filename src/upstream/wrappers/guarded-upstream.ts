import { guarded, heldBack } from '../../guard/public.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import { PrefixCheck } from '../../steer/guard/prefix-check.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { runInSlices } from '../../work-slices.ts'

/**
 * The same upstream, to which no prefix goes that holds a private form: the last check, which nothing should
 * ever reach. Rejects with `invalid_request` instead. `begun` has read the prompt, which may be long.
 */
export function guardedUpstream(
  upstream: Upstream,
  { realForms, begun }: Pick<DecodeGuard, 'realForms' | 'begun'>,
): Upstream {
  const check = begun?.copy() ?? new PrefixCheck({ realForms, vocabulary: upstream.vocabulary })
  const checked = (prefixes: readonly PublicTokens[]) => {
    for (const prefix of prefixes) if (check.holdsPrivate(prefix)) throw heldBack()
  }
  // Each call by name, so that a new one has to be judged here too
  return {
    model: upstream.model,
    vocabulary: upstream.vocabulary,
    limits: upstream.limits,
    async encodeChat(chat, signal) {
      return upstream.encodeChat(await runInSlices(guarded(chat, { realForms }), signal), signal)
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
