import { UnconnectedError } from '../http/unconnected-error.ts'
import type { CircuitBreaker } from '../wrappers/circuit-breaker.ts'
import type { PassedReply, PassedRequest, Passthrough } from './passthrough.ts'

export interface PassedReplica {
  readonly passthrough: Passthrough
  readonly breaker: CircuitBreaker
}

/**
 * Several servers of one model, the first of which answers unless it cannot be connected to: then the next
 * one does. A request that a server may have seen is not sent to another, since it may change something
 * there.
 */
export function replicatedPassthrough(replicas: readonly PassedReplica[]): Passthrough {
  return {
    async forward(request) {
      let failure: unknown = new Error('no server to pass requests to')
      for (const replica of replicas) {
        try {
          return await forwarded(request, replica)
        } catch (error) {
          if (!(error instanceof UnconnectedError)) throw error
          failure = error
        }
      }
      throw failure
    },
    async close() {
      await Promise.all(replicas.map(({ passthrough }) => passthrough.close()))
    },
  }
}

async function forwarded(
  request: PassedRequest,
  { passthrough, breaker }: PassedReplica,
): Promise<PassedReply> {
  const pass = breaker.enter()
  try {
    const reply = await passthrough.forward(request)
    pass.succeeded()
    return reply
  } catch (error) {
    if (error instanceof UnconnectedError) pass.failed()
    throw error
  } finally {
    pass.released()
  }
}
