import { type buildConnector, Client, type Dispatcher } from 'undici'

export interface ConnectionPoolOptions {
  /** Without a path. */
  readonly origin: string
  readonly connectMs: number
  /** Opens a connection; undici's own connector unless given. */
  readonly connect?: buildConnector.connector
  /** Connections at a time; requests beyond them wait for one. No limit unless given. */
  readonly connections?: number
}

export type PooledRequest = Dispatcher.RequestOptions & { readonly signal: AbortSignal }

/** Below the 5 s after which servers drop an idle connection. */
const KEEP_ALIVE_MS = 3_000

/**
 * Connections to one server, each with one request at a time, so that none waits behind a stream that runs for minutes.
 * (undici's own pool may put one there after another was aborted.) The one that was used last is used first.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions
  readonly #clients = new Set<Client>()
  readonly #idle: Client[] = []
  readonly #waiting: ((client: Client) => void)[] = []

  constructor(options: ConnectionPoolOptions) {
    this.#options = options
  }

  /** As undici's `request`. The connection is free again once the reply's body was read or left. */
  async request(options: PooledRequest): Promise<Dispatcher.ResponseData> {
    const client = await this.#free(options.signal)
    try {
      const reply = await client.request(options)
      reply.body.once('close', () => this.#release(client))
      return reply
    } catch (error) {
      this.#release(client)
      throw error
    }
  }

  /** Breaks off what is still under way. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.destroy()))
  }

  #free(signal: AbortSignal): Client | Promise<Client> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const { connections = Number.POSITIVE_INFINITY } = this.#options
    return this.#clients.size < connections ? this.#open() : this.#nextFree(signal)
  }

  #nextFree(signal: AbortSignal): Promise<Client> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const take = (client: Client) => {
        signal.removeEventListener('abort', leave)
        resolve(client)
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(signal.reason)
      }
      this.#waiting.push(take)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #release(client: Client): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(client)
    else next(client)
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
