import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { vi } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { type Environment, readEnvironment } from '../../../src/environment.ts'
import type { GatewayConsole } from '../../../src/gateway/gateway-console.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import type { ProfileProblem } from '../../../src/profiles/profile-problem.ts'
import { createApp } from '../../../src/proxy/app.ts'
import { listen } from '../../../src/proxy/listen.ts'
import { createLogger } from '../../../src/proxy/logger.ts'
import { createMetrics } from '../../../src/proxy/metrics/metrics.ts'
import type { Timers } from '../../../src/proxy/timers.ts'

/** Words of the profile that must never leave the gateway. */
const CANARY = 'Quillfeather'

const PROFILE = `id: ann
name: Ann ${CANARY}
facts:
  - Ann keeps bees and writes about them.
writing_style: Short and cheerful.
`

export interface AssembledGateway {
  readonly url: string
  readonly console: GatewayConsole
  /** Where its configuration and its profiles lie. */
  readonly folder: string
  readonly problems: readonly ProfileProblem[]
  logged(): string
  metric(name: string): Promise<number>
  /** Resolves once nothing of any request is left: sockets, queries, open pairs, replies of `upstreams`. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface AssembledOptions {
  readonly environment?: Environment
  /** Of requests; shutting down takes its own time. */
  readonly timers?: Timers
  /** Default: `profiles` in a folder of its own. */
  readonly profileFolder?: string
  /** Servers whose replies have to end with the requests. */
  readonly upstreams?: readonly { openReplies(): number }[]
}

/** The gateway as `costeer serve` puts it together, on a free port of this machine; `config` is YAML. */
export async function assembledGateway(
  config: string,
  { environment = readEnvironment(), timers, upstreams = [], profileFolder }: AssembledOptions = {},
): Promise<AssembledGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'costeer-faults-'))
  const profiles = profileFolder ?? join(folder, 'profiles')
  await mkdir(profiles, { recursive: true })
  await writeFile(join(profiles, 'ann.yaml'), PROFILE)
  const file = join(folder, 'config.yaml')
  await writeFile(file, `profiles: { folder: "${profiles}", default: ann }\n${config}`)
  const metrics = createMetrics(new Registry())
  const problems: ProfileProblem[] = []
  const gateway = await openGateway(await loadConfig(file), {
    environment,
    onDecoded: (report) => metrics.decodeFinished(report),
    onInFlight: (change) => metrics.queriesInFlight(change),
    onProfileProblem: (problem) => problems.push(problem),
  }).catch(async (failure: unknown) => {
    await rm(folder, { recursive: true })
    throw failure
  })
  const loaded = (await loadConfig(file)).config
  const server = { ...loaded.server, port: 0, drain_ms: 0 }
  let logged = ''
  const logger = createLogger({ level: 'info', destination: { write: (line) => (logged += line) } })
  const { profiles: store, preview } = gateway.console
  const app = createApp({
    gateway,
    server,
    logger,
    metrics,
    profiles: { store, preview },
    ...(timers && { timers }),
  })
  const listening = await listen(app, { server })
  const connections = connectionsOf(listening.url)
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)

  const metric = async (name: string) => {
    const found = await metrics.registry.getSingleMetric(name)?.get()
    return found?.values.reduce((sum, { value }) => sum + value, 0) ?? 0
  }
  const left = async () => ({
    requests: await metric('http_server_active_requests'),
    queries: await metric('costeer_upstream_queries_in_flight'),
    replies: upstreams.reduce((sum, upstream) => sum + upstream.openReplies(), 0),
    connections: await connections.count(),
    ...(await gateway.console.localUsage().then(openOf)),
  })
  return {
    url: listening.url,
    console: gateway.console,
    folder,
    problems,
    logged: () => logged,
    metric,
    async settled() {
      await vi.waitFor(
        async () => {
          const open = Object.entries(await left()).filter(([, count]) => count !== 0)
          if (open.length > 0) throw new Error(`left: ${JSON.stringify(Object.fromEntries(open))}`)
        },
        { interval: 4 },
      )
      if (warnings.length > 0) throw warnings[0]
      if (logged.includes(CANARY)) throw new Error('the log holds text of the profile')
    },
    async close() {
      process.off('warning', onWarning)
      connections.stop()
      await listening.close()
      await gateway.close()
      await rm(folder, { recursive: true })
    },
  }
}

function openOf(usage: Awaited<ReturnType<GatewayConsole['localUsage']>>) {
  const { continuations = 0, streams = 0, requests = 0 } = usage ?? {}
  return { continuations, streams, 'questions to the worker': requests }
}

/** Counts the connections that clients hold to the server at `url`. */
function connectionsOf(url: string) {
  let server: Server | null = null
  const onRequest = (message: unknown) => {
    const { server: asked } = message as { server: Server }
    const address = asked.address()
    if (typeof address === 'object' && String(address?.port) === new URL(url).port) server = asked
  }
  subscribe('http.server.request.start', onRequest)
  return {
    count: () =>
      new Promise<number>((resolve, reject) => {
        if (server === null) resolve(0)
        else server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    stop: () => unsubscribe('http.server.request.start', onRequest),
  }
}
