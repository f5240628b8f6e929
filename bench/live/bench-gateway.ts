import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Ask, runningGateway } from '../../src/cli/gateway-access.ts'
import { type Relay, startRelay } from '../relay.ts'
import { startProgram } from './running-program.ts'

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

/** A server that answers as the gateway does, at its address with /v1. */
export const serverAt = (url: string): Ask => runningGateway(url, { advice: 'It has ended.' })

export interface BenchGateway {
  /** Base address with /v1. */
  readonly url: string
  /** The upstream's own address behind each round trip, with /v1. */
  readonly directUrls: readonly string[]
  /** The model name that stands for the upstream behind a round trip. */
  modelBehind(roundTripMs: number): string
  /** Values of the gateway's metrics by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

/** The gateway as users run it, in a process of its own, with the upstream behind relays. */
export const startBenchGateway = async (options: BenchGatewayOptions): Promise<BenchGateway> => {
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
  const file = join(folder, 'config.yaml')
  await writeFile(file, stringify(config))
  const ready = /Point OpenAI clients at (\S+)\/v1/
  const program = await startProgram(process.execPath, ['dist/main.js', 'serve', '-c', file], ready)
  return {
    url: `${program.announced}/v1`,
    directUrls: relays.map((relay) => `${relay.url}/v1`),
    modelBehind,
    async metrics() {
      const lines = (await (await fetch(`${program.announced}/metrics`)).text()).split('\n')
      return new Map(
        lines.flatMap((line) => {
          const match = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line)
          return match === null ? [] : [[match[1] ?? '', Number(match[2])] as const]
        }),
      )
    },
    async stop() {
      await program.stop()
      for (const relay of relays) await relay.close()
    },
  }
}
