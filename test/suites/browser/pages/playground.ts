import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import { configSchema } from '../../../../src/config/schema.ts'
import { ProfileStore } from '../../../../src/profiles/profile-store.ts'
import { type AppOptions, createApp } from '../../../../src/proxy/app.ts'
import { type Listening, listen } from '../../../../src/proxy/listen.ts'
import { createLogger } from '../../../../src/proxy/logger.ts'
import { createMetrics } from '../../../../src/proxy/metrics/metrics.ts'
import type { PublicFacts } from '../../../../src/proxy/settings-route.ts'
import { fakeGateway } from '../gateways/fake-gateway.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const builtPage = join(root, 'dist/web')

export interface Playground extends Listening {
  readonly profileFolder: string
}

export interface PlaygroundOptions {
  /** An empty or missing folder, which gets a copy of the example profiles. */
  readonly profileFolder: string
  readonly port?: number
  readonly keys?: readonly { readonly key: string; readonly admin: boolean }[]
  readonly tokenMs?: number
  readonly readsCalls?: boolean
  readonly models?: PublicFacts['models']
  /** Unless given, the page of models finds nothing. */
  readonly choices?: AppOptions['choices']
}

/** A model of a server, with the facts that a test is about. */
export function servedModel(id: string, facts: Partial<PublicFacts['models'][number]> = {}) {
  return {
    id,
    upstream: 'Qwen2.5-1.5B',
    configuredAs: 'server',
    embedded: false,
    strength: 0.5,
    ...facts,
  }
}

/** The built page over the real HTTP layer and a scripted gateway, on this machine. */
export async function openPlayground(options: PlaygroundOptions): Promise<Playground> {
  const {
    profileFolder,
    port = 0,
    keys = [],
    tokenMs,
    readsCalls,
    models = [servedModel('costeer')],
    choices,
  } = options
  if (!existsSync(join(builtPage, 'index.html'))) {
    throw new Error('The page is not built. Run "npm run build" first.')
  }
  mkdirSync(profileFolder, { recursive: true })
  cpSync(join(root, 'profiles'), profileFolder, { recursive: true })
  const store = await ProfileStore.open(profileFolder)
  const { server: defaults } = configSchema.parse({ upstreams: {} })
  const server = { ...defaults, port, drain_ms: 0, keys: keys.map((key) => ({ ...key })) }
  const app = createApp({
    gateway: fakeGateway({
      store,
      models: models.map(({ id }) => id),
      ...(tokenMs === undefined ? {} : { tokenMs }),
      ...(readsCalls === undefined ? {} : { readsCalls }),
    }),
    server,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(new Registry()),
    profiles: { store },
    ...(choices === undefined ? {} : { choices }),
    facts: {
      version: '0.0.0',
      localModel: 'smollm2-135m',
      models,
    },
    pageFolder: builtPage,
  })
  const listening = await listen(app, { server })
  return {
    ...listening,
    profileFolder,
    async close() {
      await listening.close()
      store.close()
    },
  }
}
