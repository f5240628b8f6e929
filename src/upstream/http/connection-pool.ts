import { type buildConnector, Client, type Dispatcher } from 'undici'
import { isStaleConnection } from './endpoint-failure.ts'

export interface ConnectionPoolOptions {
  /** Without a path. */
  readonly origin: string
  readonly connectMs: number
  /** Opens a connection; undici's own connector unless given. */
  readonly connect?: buildConnector.connector
  /** Idle connections to keep; others are closed once they are free. No limit unless given. */
  readonly idleConnections?: number
}

/** Below the 5 s after which servers drop an idle connection. */
const KEEP_ALIVE_MS = 3_000

/**
 * Connections to one server, each with one request at a time, so that none waits behind a stream that runs
 * for minutes. (undici's own pool may put one there after another was aborted.) The one that was used last is
 * used first.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions
  readonly #clients = new Set<Client>()
  readonly #idle: Client[] = []

  constructor(options: ConnectionPoolOptions) {
    this.#options = options
  }

  /**
   * As undici's `request`, on another connection where a kept one turns out to be stale. The connection is
   * free again once the reply's body was read or left.
   */
  async request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#once(options)
    } catch (error) {
      if (!isStaleConnection(error)) throw error
      return this.#once(options)
    }
  }

  /** Connections that carry a request or wait for one. */
  get size(): number {
    return this.#clients.size
  }

  /** Breaks off what is still under way. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.destroy()))
  }

  async #once(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    const client = this.#idle.pop() ?? this.#open()
    try {
      const reply = await client.request(options)
      reply.body.once('close', () => this.#release(client))
      return reply
    } catch (error) {
      this.#release(client)
      throw error
    }
  }

  #release(client: Client): void {
    const { idleConnections = Number.POSITIVE_INFINITY } = this.#options
    if (this.#idle.length < idleConnections) {
      this.#idle.push(client)
      return
    }
    this.#clients.delete(client)
    // Nothing is under way on it that could fail.
    client.destroy().catch(() => {})
  }

  #open(): Client {
    const { origin, connectMs, connect } = this.#options
    const client = new Client(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: connectMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      ...(connect === undefined ? {} : { connect }),
    })
    this.#clients.add(client)
    return client
  }
}
