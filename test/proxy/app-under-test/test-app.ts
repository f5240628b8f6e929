import type { DestinationStream } from 'pino'
import { Registry } from 'prom-client'
import { type Config, configSchema } from '../../../src/config/schema.ts'
import { chatCompletionSchema } from '../../../src/proxy/answers/chat/chat-response-schema.ts'
import { type AppOptions, createApp } from '../../../src/proxy/app.ts'
import { errorEnvelopeSchema } from '../../../src/proxy/errors/error-schema.ts'
import { createLogger, type LogLevel } from '../../../src/proxy/logger.ts'
import { createMetrics } from '../../../src/proxy/metrics/metrics.ts'
import type { App } from '../../../src/proxy/request/app-env.ts'
import type { ManualTimers } from './manual-timers.ts'
import { type Script, type ScriptedGateway, scriptedGateway } from './scripted-gateway.ts'

export interface TestApp {
  readonly app: App
  readonly gateway: ScriptedGateway
  readonly server: Config['server']
  readonly registry: Registry
  /** Everything logged so far, as text. */
  readonly logged: () => string
}

export interface TestAppOptions
  extends Pick<AppOptions, 'profiles' | 'choices' | 'pageFolder' | 'facts' | 'userHeaders'> {
  readonly script: Script
  readonly server?: Partial<Config['server']>
  readonly timers?: ManualTimers
  readonly logLevel?: LogLevel
}

/** The app over a scripted gateway, with its log and metrics at hand. */
export function testApp({
  script,
  server: settings = {},
  timers,
  logLevel = 'debug',
  ...more
}: TestAppOptions): TestApp {
  const lines: string[] = []
  const destination: DestinationStream = { write: (line) => void lines.push(line) }
  const registry = new Registry()
  const gateway = scriptedGateway(script)
  const server = { ...serverDefaults(), ...settings }
  const app = createApp({
    gateway,
    server,
    logger: createLogger({ level: logLevel, destination }),
    metrics: createMetrics(registry),
    ...more,
    ...(timers === undefined ? {} : { timers }),
  })
  return { app, gateway, server, registry, logged: () => lines.join('') }
}

/** The `server` section of a configuration that says nothing about it. */
function serverDefaults(): Config['server'] {
  return configSchema.parse({ upstreams: {} }).server
}

export const hello = [{ role: 'user', content: 'Hello' }]

/** A POST of JSON to the chat route, for `app.request`. */
export function chatRequest(body: object, headers: Record<string, string> = {}): [string, RequestInit] {
  return [
    '/v1/chat/completions',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ messages: hello, ...body }),
    },
  ]
}

export async function completionOf(response: Response) {
  return chatCompletionSchema.parse(await response.json())
}

export async function errorOf(response: Response) {
  return errorEnvelopeSchema.parse(await response.json()).error
}
