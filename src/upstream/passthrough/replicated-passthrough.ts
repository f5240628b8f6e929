import type { GatewayError } from '../../gateway-error.ts'
import { UnconnectedError } from '../http/unconnected-error.ts'
import type { CircuitBreaker } from '../wrappers/circuit-breaker.ts'
import { isBreakdown } from '../wrappers/transient-failure.ts'
import type { PassedReply, PassedRequest, Passthrough } from './passthrough.ts'

export interface PassedReplica {
  readonly passthrough: Passthrough
  readonly breaker: CircuitBreaker
  /** Told of everything that says how the server is: null where it answered, else its breakdown. */
  readonly onContact?: (failure: GatewayError | null) => void
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
  { passthrough, breaker, onContact }: PassedReplica,
): Promise<PassedReply> {
  const pass = breaker.enter()
  const failed = (error: unknown) => {
    if (isBreakdown(error)) onContact?.(error)
  }
  try {
    const reply = await passthrough.forward(request)
    pass.succeeded()
    // A route may be broken or missing at a server that is well
    if (reply.status < 500) onContact?.(null)
    return { ...reply, body: reply.body && telling(reply.body, failed) }
  } catch (error) {
    if (error instanceof UnconnectedError) pass.failed()
    failed(error)
    throw error
  } finally {
    pass.released()
  }
}

/** The same pieces. (A generator that passes another one on waits twice for each piece.) */
function telling(
  body: AsyncIterable<Uint8Array>,
  onFailure: (error: unknown) => void,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            return await pieces.next()
          } catch (error) {
            onFailure(error)
            throw error
          }
        },
        async return() {
          await pieces.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
