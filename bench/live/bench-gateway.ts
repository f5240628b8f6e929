import { type Ask, runningGateway } from '../../src/cli/gateway-access/running-gateway.ts'
import { type GatewayProcess, startGateway } from '../programs/gateway-process.ts'
import { type Relay, startRelay } from '../programs/relay.ts'

export interface BenchGatewayOptions {
  readonly kind: 'llama-cpp' | 'vllm'
  /** The upstream server. */
  readonly url: string
  /** The model's name there. */
  readonly model: string
  readonly local: string
  /** Round trips that relays add, each as an upstream of its own. */
  readonly roundTrips: readonly number[]
  /** Holds the configuration, and the profiles in `profiles`. */
  readonly folder: string
  /** Compute the profiles' K/V cache when they are loaded. */
  readonly warm?: boolean
}

/**
 * A server that answers as the gateway does, at its address with /v1. Each request has a
 * connection of its own: a kept one may be closed by the server as it is used again,
 * which a client would hide and a bench must not time.
 */
export function serverAt(url: string): Ask {
  const ask = runningGateway(url, { advice: 'It has ended.' })
  return (path, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('connection', 'close')
    return ask(path, { ...init, headers })
  }
}

export interface BenchGateway extends GatewayProcess {
  /** The upstream's own address behind each round trip, with /v1. */
  readonly directUrls: readonly string[]
  /** The model name that stands for the upstream behind a round trip. */
  modelBehind(roundTripMs: number): string
}

/** The gateway as users run it, in a process of its own, with the upstream behind relays. */
export async function startBenchGateway(options: BenchGatewayOptions): Promise<BenchGateway> {
  const { kind, url, model, roundTrips, folder } = options
  const relays: Relay[] = []
  for (const roundTripMs of roundTrips) relays.push(await startRelay({ target: url, roundTripMs }))
  const modelBehind = (roundTripMs: number) => `rtt-${roundTripMs}`
  const config = {
    server: { port: 0, log_level: 'error' },
    local: { model: options.local },
    upstreams: Object.fromEntries(
      roundTrips.map((roundTripMs, index) => [
        modelBehind(roundTripMs),
        { kind, url: relays[index]?.url, model, candidates: 100 },
      ]),
    ),
    models: { names: Object.fromEntries(roundTrips.map((ms) => [modelBehind(ms), modelBehind(ms)])) },
    profiles: { folder: 'profiles', warm: options.warm ?? false },
  }
  const gateway = await startGateway(config, { folder })
  return {
    ...gateway,
    directUrls: relays.map((relay) => `${relay.url}/v1`),
    modelBehind,
    async stop() {
      await gateway.stop()
      for (const relay of relays) await relay.close()
    },
  }
}
