import { GatewayError } from '../../gateway-error.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type {
  DistributionsQuery,
  StreamedToken,
  StreamQuery,
  Upstream,
  UpstreamLimits,
} from '../../steer/upstream.ts'
import { ReplicaRoutes } from './replica-routes.ts'
import { isBreakdown } from './transient-failure.ts'

export interface Replica {
  /** Its address: it decides which conversations it gets. */
  readonly url: string
  readonly upstream: Upstream
}

/**
 * Several servers of one model as one upstream. A conversation stays with its replica; where that one breaks
 * down before a first token, the next one is asked. Refusals are passed on, since they are about the request
 * or about its load. Throws GatewayError `config_invalid` when the replicas serve different models.
 */
export function replicatedUpstream(replicas: readonly [Replica, ...Replica[]]): Upstream {
  const [{ upstream: first }] = replicas
  const other = replicas.find(({ upstream }) => upstream.model !== first.model)
  if (other !== undefined) {
    throw new GatewayError(
      'config_invalid',
      `The replica ${other.url} serves "${other.upstream.model}" and the first one "${first.model}". Replicas serve one model.`,
    )
  }
  const routes = new ReplicaRoutes(replicas.map(({ url }) => url))
  const inOrder = (prefix: readonly TokenId[]) =>
    routes.order(prefix).flatMap((index) => {
      const replica = replicas[index]
      return replica === undefined ? [] : [{ index, upstream: replica.upstream }]
    })
  return {
    model: first.model,
    vocabulary: first.vocabulary,
    limits: commonLimits(replicas.map(({ upstream }) => upstream.limits)),
    ...(first.chatTemplate !== undefined && { chatTemplate: first.chatTemplate }),
    ...(first.elsewhere !== undefined && { elsewhere: first.elsewhere }),
    async encodeChat(chat, signal) {
      return firstAnswer(inOrder([]), ({ upstream }) => upstream.encodeChat(chat, signal))
    },
    distributions(query: DistributionsQuery) {
      const prefix = query.prefixes[0] ?? []
      return firstAnswer(inOrder(prefix), async ({ index, upstream }) => {
        const answer = await upstream.distributions(query)
        routes.answered(prefix, index)
        return answer
      })
    },
    stream: (query) => replicatedStream(query, inOrder(query.prefix), routes),
    async close() {
      await Promise.all(replicas.map(({ upstream }) => upstream.close()))
    },
  }
}

interface OrderedReplica {
  readonly index: number
  readonly upstream: Upstream
}

async function firstAnswer<T>(
  replicas: readonly OrderedReplica[],
  ask: (replica: OrderedReplica) => Promise<T>,
): Promise<T> {
  let failure: unknown
  for (const replica of replicas) {
    try {
      return await ask(replica)
    } catch (error) {
      if (!isBreakdown(error)) throw error
      failure = error
    }
  }
  throw failure
}

async function* replicatedStream(
  query: StreamQuery,
  replicas: readonly OrderedReplica[],
  routes: ReplicaRoutes,
): AsyncGenerator<StreamedToken, void, undefined> {
  let failure: unknown
  for (const { index, upstream } of replicas) {
    let answered = false
    try {
      for await (const step of upstream.stream(query)) {
        if (!answered) routes.answered(query.prefix, index)
        answered = true
        yield step
      }
      return
    } catch (error) {
      if (answered || !isBreakdown(error)) throw error
      failure = error
    }
  }
  throw failure
}

/** What every replica can do. An answer keeps to one of them, so that in-flight queries do not add up. */
function commonLimits(limits: readonly UpstreamLimits[]): UpstreamLimits {
  return {
    contextTokens: Math.min(...limits.map((limit) => limit.contextTokens)),
    maxCandidates: Math.min(...limits.map((limit) => limit.maxCandidates)),
    maxInFlight: Math.min(...limits.map((limit) => limit.maxInFlight)),
    ...(limits.some(({ readsAgain }) => readsAgain) && { readsAgain: true }),
  }
}
