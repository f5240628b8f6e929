import { Registry } from 'prom-client'
import { readEnvironment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Config } from '../../src/config/schema.ts'
import { openGateway } from '../../src/gateway/open-gateway.ts'
import { createApp } from '../../src/proxy/app.ts'
import { listen } from '../../src/proxy/listen.ts'
import { createLogger } from '../../src/proxy/logger.ts'
import { createMetrics } from '../../src/proxy/metrics.ts'

export interface ServedGateway {
  /** Without a trailing slash, and without /v1. */
  readonly url: string
  close(): Promise<void>
}

/** The gateway as `npm start` runs it, on a free port of this machine. */
export const embeddedGateway = (): Promise<ServedGateway> => servedGateway('default.yaml')

/** The gateway with one of the files in config/, on a free port of this machine. */
export async function servedGateway(
  configFile: string,
  adjusted: (config: Config) => Config = (config) => config,
): Promise<ServedGateway> {
  const path = new URL(`../../config/${configFile}`, import.meta.url).pathname
  const { config: written, ...paths } = await loadConfig(path)
  const config = adjusted(written)
  const gateway = await openGateway({ config, ...paths }, { environment: readEnvironment() })
  const server = { ...config.server, port: 0, drain_ms: 1_000 }
  const logger = createLogger({ level: 'silent' })
  const app = createApp({ gateway, server, logger, metrics: createMetrics(new Registry()) })
  const listening = await listen(app, { server })
  return {
    url: listening.url,
    async close() {
      await listening.close()
      await gateway.close()
    },
  }
}
