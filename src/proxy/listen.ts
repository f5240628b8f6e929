import { setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Config } from '../config/schema.ts'
import { errorCode } from '../error-code.ts'
import { GatewayError } from '../gateway-error.ts'
import { addressRefused, plainAddress, refuseOpenAddress } from './check-address.ts'
import { errorReply } from './errors/error-reply.ts'
import { ProxyError } from './errors/proxy-error.ts'
import type { App, ServerState } from './request/app-env.ts'
import { refuseExpectation, refuseUnreadable } from './request/unreadable-request.ts'
import { systemTimers, type Timers } from './timers.ts'

export interface ListenOptions {
  readonly server: Pick<Config['server'], 'host' | 'port' | 'keys' | 'drain_ms'>
  readonly timers?: Timers
}

export interface Listening {
  /** Where clients reach the server, without a trailing slash. */
  readonly url: string
  /** Accepts nothing more, lets running answers end for `server.drain_ms`, then ends them with an error. */
  close(): Promise<void>
}

/** Time for the last error frames to leave once running answers were aborted. */
const LAST_WORDS_MS = 1000
/** A request's headers and whole body have to arrive within these. */
const HEADERS_TIMEOUT_MS = 20_000
const REQUEST_TIMEOUT_MS = 120_000
/** Longer than the idle time of common client pools, so that they close connections first. */
const IDLE_CONNECTION_MS = 75_000

/** Serves `app`. Rejects with `config_invalid` when the address is taken, or open to others without keys. */
export async function listen(
  app: App,
  { server: settings, timers = systemTimers }: ListenOptions,
): Promise<Listening> {
  const { host, port, drain_ms: drainMs } = settings
  refuseOpenAddress(settings)
  const shutdown = new AbortController()
  // Each running request listens to it.
  setMaxListeners(0, shutdown.signal)
  const state = { shutdown: shutdown.signal, draining: false }
  const server = createHttpServer(app, state)
  const address = await bound(server, host, port)
  let closing: Promise<void> | null = null
  return {
    url: `http://${host.includes(':') ? `[${host.replace(/[[\]]/g, '')}]` : host}:${address.port}`,
    close() {
      state.draining = true
      closing ??= drained(server, shutdown, { drainMs, timers })
      return closing
    },
  }
}

function createHttpServer(app: App, state: ServerState): Server {
  const listener = getRequestListener((request, env) => app.fetch(request, { ...env, server: state }), {
    errorHandler: () => {
      const message = 'The request line or the Host header cannot be read.'
      const { status, body } = errorReply(new ProxyError('malformed_request', message))
      return Response.json(body, { status, headers: { 'x-request-id': crypto.randomUUID() } })
    },
  })
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      connectionsCheckingInterval: 5_000,
      // Finds out about clients that vanished without a word.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // Node's own refusal has no body.
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      // HTTP/1.0 needs no Host header, and probes of load balancers send none; browsers always do.
      if (incoming.httpVersion === '1.0') incoming.headers.host ??= 'localhost'
      // A connection that falls idle while the server drains would hold it open.
      outgoing.on('close', () => state.draining && setImmediate(() => server.closeIdleConnections()))
      listener(incoming, outgoing).catch(() => outgoing.destroy())
    },
  )
  server.on('clientError', refuseUnreadable)
  server.on('checkExpectation', refuseExpectation)
  return server
}

async function bound(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(addressRefused({ host, port }, errorCode(cause))))
    server.listen(port, plainAddress(host), resolve)
  })
  return server.address() as AddressInfo
}

async function drained(
  server: Server,
  shutdown: AbortController,
  { drainMs, timers }: { drainMs: number; timers: Timers },
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  let cancelTimer = timers.after(drainMs, () => {
    shutdown.abort(new GatewayError('shutting_down', 'The gateway shut down before the answer was complete.'))
    cancelTimer = timers.after(LAST_WORDS_MS, () => server.closeAllConnections())
  })
  await closed
  cancelTimer()
}
