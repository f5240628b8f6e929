import type { Gateway } from '../../gateway/gateway.ts'
import type { Passthrough } from '../../upstream/passthrough/passthrough.ts'
import type { AppContext } from '../request/app-env.ts'
import { passedCaller } from '../request/passed-caller.ts'
import { withSentName } from '../request/sent-name.ts'

interface GuardedServerOptions {
  readonly gateway: Gateway
  readonly server: Passthrough
  /** What the request's body says, as far as it is known. */
  readonly sent: unknown
  /** `profiles.user_headers` of the configuration. */
  readonly userHeaders: readonly string[]
}

/**
 * The server that a request is passed on to, which reads aliases for the private values of its sender. Throws
 * what an answer of the gateway's own would be refused with: `profile_not_found` or `invalid_request`.
 */
export function guardedServer(
  c: AppContext,
  { gateway, server, sent, userHeaders }: GuardedServerOptions,
): Passthrough {
  const caller = passedCaller(c, sent, userHeaders)
  try {
    return gateway.guarded(server, caller)
  } catch (error) {
    throw withSentName(error, { sent })
  }
}
