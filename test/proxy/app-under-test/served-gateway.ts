import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DestinationStream } from 'pino'
import { Registry } from 'prom-client'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { Config } from '../../../src/config/schema.ts'
import { type Environment, readEnvironment } from '../../../src/environment.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import { createApp } from '../../../src/proxy/app.ts'
import { listen } from '../../../src/proxy/listen.ts'
import { createLogger } from '../../../src/proxy/logger.ts'
import { createMetrics } from '../../../src/proxy/metrics/metrics.ts'

export interface ServedGateway {
  /** Without a trailing slash, and without /v1. */
  readonly url: string
  close(): Promise<void>
}

/** The gateway as `npm start` runs it, on a free port of this machine. */
export function embeddedGateway(): Promise<ServedGateway> {
  return servedGateway('default.yaml')
}

/**
 * A configuration whose servers stand at another URL. `channels` names what their model writes where their
 * template was given to them, so that its own files do not tell.
 */
export function serversAt(url: string, channels: { readonly channels?: string } = {}) {
  return (config: Config): Config => ({
    ...config,
    upstreams: Object.fromEntries(
      Object.entries(config.upstreams).map(([name, upstream]) => [
        name,
        upstream.kind === 'embedded' ? upstream : { ...upstream, url, ...channels },
      ]),
    ),
  })
}

export interface ServedGatewayOptions {
  readonly adjusted?: (config: Config) => Config
  /** Serves the profile API too, which may write to the configuration's folder. Default: false. */
  readonly profileApi?: boolean
  /** Lets models be fetched and changed, with what the environment says otherwise. Default: not at all. */
  readonly modelsFrom?: Partial<Environment>
  /** Takes every line of the log, down to the level `debug`. */
  readonly log?: DestinationStream
}

/** The gateway with a configuration file, relative to config/, on a free port of this machine. */
export async function servedGateway(
  configFile: string,
  { adjusted = (config) => config, profileApi = false, modelsFrom, log }: ServedGatewayOptions = {},
): Promise<ServedGateway> {
  const path = resolve(fileURLToPath(new URL('../../../config', import.meta.url)), configFile)
  const { config: written, ...paths } = await loadConfig(path)
  const config = adjusted(written)
  const metrics = createMetrics(new Registry())
  const gateway = await openGateway(
    { config, ...paths },
    {
      environment: { ...readEnvironment(), ...modelsFrom },
      onDecoded: (report) => metrics.decodeFinished(report),
    },
  )
  const server = { ...config.server, port: 0, drain_ms: 1_000 }
  const logger = createLogger(log ? { level: 'debug', destination: log } : { level: 'silent' })
  const { profiles: store, preview, choices } = gateway.console
  const profiles = profileApi ? { profiles: { store, preview } } : {}
  const changing = modelsFrom === undefined ? {} : { choices }
  const app = createApp({ gateway, server, logger, metrics, ...profiles, ...changing })
  const listening = await listen(app, { server })
  return {
    url: listening.url,
    async close() {
      await listening.close()
      await gateway.close()
    },
  }
}
