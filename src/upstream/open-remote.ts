import { GatewayError } from '../gateway-error.ts'
import type { Upstream } from '../steer/upstream.ts'
import type { EndpointOptions } from './http/http-endpoint.ts'
import { serverAddress } from './http/server-address.ts'
import { type RemoteConfig, upstreamKinds } from './kinds.ts'
import { openPassthrough, type Passthrough } from './passthrough/passthrough.ts'
import { replicatedPassthrough } from './passthrough/replicated-passthrough.ts'
import { firstByteMsOf, type RemoteOptions, startCommandOf } from './remote-kind.ts'
import { reachServer } from './served/reach-server.ts'
import { ServerHealth } from './served/server-health.ts'
import { CircuitBreaker } from './wrappers/circuit-breaker.ts'
import { circuitBreakingUpstream } from './wrappers/circuit-breaking-upstream.ts'
import { reportSent } from './wrappers/observed-upstream.ts'
import { type Replica, replicatedUpstream } from './wrappers/replicated-upstream.ts'

/** The text side of the model behind a server. */
type RemoteText = Pick<RemoteOptions, 'vocabulary' | 'tokenizer' | 'background' | 'controlTokens'>

export interface OpeningRemote {
  readonly text: RemoteText
  /** The bearer token. */
  readonly apiKey: string | undefined
  /** Breaks off opening. */
  readonly signal?: AbortSignal
}

/** A configured upstream, ready to be asked. */
export interface OpenedUpstream {
  readonly upstream: Upstream
  /** For what steering cannot do; null for a model of this process. */
  readonly passthrough: Passthrough | null
  /**
   * What keeps it from answering, as the end of a sentence that begins with its name; null when nothing is
   * known.
   */
  obstacle(): Promise<string | null>
  close(): Promise<void>
}

interface Server extends Replica {
  readonly health: ServerHealth
}

/**
 * Opens a server and its replicas as one upstream behind circuit breakers, after checking all that steering
 * needs of them. Rejects with GatewayError; nothing is left open then.
 */
export async function openRemote(config: RemoteConfig, opening: OpeningRemote): Promise<OpenedUpstream> {
  const urls = [config.url, ...config.replicas]
  const settled = await Promise.allSettled(urls.map((url) => openReplica(config, url, opening)))
  const opened = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = settled.find((result) => result.status === 'rejected')
  const [first, ...others] = opened
  try {
    if (failed !== undefined) throw namingTokenizer(failed.reason, config)
    if (first === undefined) throw new Error('an upstream without a url')
    const upstream = others.length === 0 ? first.upstream : replicatedUpstream([first, ...others])
    const passthrough = remotePassthrough(config, {
      servers: opened,
      model: upstream.model,
      apiKey: opening.apiKey,
    })
    return {
      upstream,
      passthrough,
      obstacle: () => commonObstacle(opened.map(({ health }) => health)),
      async close() {
        await Promise.all([upstream.close(), passthrough.close()])
      },
    }
  } catch (error) {
    for (const { upstream } of opened) await upstream.close()
    throw error
  }
}

/** Asks whether the server is there. Rejects with GatewayError, or with the signal's reason. */
export function reachRemote(
  config: RemoteConfig,
  { apiKey, signal }: { readonly apiKey: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  return reachServer(accessTo(config, config.url, apiKey), upstreamKinds[config.kind].healthPath, signal)
}

async function openReplica(
  config: RemoteConfig,
  url: string,
  { text, apiKey, signal }: OpeningRemote,
): Promise<Server> {
  const access = accessTo(config, url, apiKey)
  const { open, healthPath, leastCandidates } = upstreamKinds[config.kind]
  const { candidates = leastCandidates, max_in_flight: maxInFlight, model } = config
  const options: RemoteOptions = {
    ...access,
    ...text,
    onSend: reportSent,
    candidates,
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...(model !== undefined && { model }),
    ...(signal !== undefined && { signal }),
  }
  const upstream = await open(options, config)
  const breaker = breakerOf(url)
  const health = new ServerHealth({
    isLeftAlone: () => breaker.isOpen,
    ask: (deadline) => reachServer(access, healthPath, deadline),
    clock: performance,
  })
  const onContact = (failure: GatewayError | null) => health.contacted(failure)
  return { url, upstream: circuitBreakingUpstream(upstream, { breaker, onContact }), health }
}

/** The first of the servers that is there, for what steering cannot do. */
function remotePassthrough(
  config: RemoteConfig,
  { servers, model, apiKey }: { servers: readonly Server[]; model: string; apiKey: string | undefined },
): Passthrough {
  return replicatedPassthrough(
    servers.map(({ url, health }) => ({
      passthrough: openPassthrough({ ...accessTo(config, url, apiKey), model }),
      breaker: breakerOf(url),
      onContact: (failure) => health.contacted(failure),
    })),
  )
}

/** Null while one of the servers can answer. */
async function commonObstacle(servers: readonly ServerHealth[]): Promise<string | null> {
  const obstacles = await Promise.all(servers.map((server) => server.obstacle()))
  if (obstacles.includes(null)) return null
  return obstacles.length === 1 ? (obstacles[0] ?? null) : `has no server left: the first ${obstacles[0]}`
}

function breakerOf(url: string): CircuitBreaker {
  return new CircuitBreaker({ where: serverAddress(url).where, clock: performance })
}

function accessTo(config: RemoteConfig, url: string, apiKey: string | undefined): EndpointOptions {
  const { startCommand } = upstreamKinds[config.kind]
  const command = startCommandOf(url, { model: config.model, startCommand })
  return {
    url,
    ...(command !== null && { startCommand: command }),
    timeouts: {
      connectMs: config.connect_ms,
      firstByteMs: firstByteMsOf(url, config),
      idleMs: config.idle_ms,
    },
    ...(apiKey !== undefined && { apiKey }),
  }
}

/** With a tokenizer of its own, a server's mismatch is not the local model's. */
function namingTokenizer(error: unknown, { url, tokenizer }: RemoteConfig): unknown {
  if (tokenizer === undefined || !(error instanceof GatewayError) || error.code !== 'vocabulary_mismatch')
    return error
  const message = `The server at ${url} has other tokens than the configured tokenizer (${tokenizer}): name the one of the model that it serves.`
  return new GatewayError('vocabulary_mismatch', message, { cause: error, param: 'tokenizer' })
}
