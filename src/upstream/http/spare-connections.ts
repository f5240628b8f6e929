import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** For servers that bear many idle connections. */
export const SPARE_CONNECTIONS = 16
/**
 * A connection waits this long to be taken, milliseconds: below the 5 s after which servers drop an idle one.
 */
const LIFETIME_MS = 2_500
/** As many connections are kept open ahead as were wanted in the last so many milliseconds. */
const WINDOW_MS = 500
/** So many new connections are nothing unusual where requests follow each other. */
const ORDINARY = 2

/**
 * Opens connections before they are needed. A cancelled query closes its connection, which is the only way to
 * tell the server; the next one would pay for a new one with a round trip, or two to three with TLS. Nothing
 * is opened ahead while connections are not used up.
 */
export class SpareConnections {
  readonly #most: () => number
  readonly #open: buildConnector.connector
  readonly #spares: { readonly socket: Socket; readonly atMs: number }[] = []
  #wantedAtMs: number[] = []
  #opening = 0
  #closed = false
  #expiry: NodeJS.Timeout | null = null

  /** `most`: spare connections at a time; none at 0 and below. */
  constructor({ most, connectMs }: { most: () => number; connectMs: number }) {
    this.#most = most
    this.#open = buildConnector({ timeout: connectMs })
  }

  /** A connector for undici's clients. */
  readonly connect: buildConnector.connector = (options, callback) => {
    const spare = this.#take()
    if (spare === null) this.#open(options, callback)
    else queueMicrotask(() => callback(null, spare))
    this.#refill(options)
  }

  close(): void {
    this.#closed = true
    if (this.#expiry !== null) clearTimeout(this.#expiry)
    for (const { socket } of this.#spares.splice(0)) socket.destroy()
  }

  #take(): Socket | null {
    for (;;) {
      const spare = this.#spares.shift()
      if (spare === undefined) return null
      const { socket, atMs } = spare
      if (socket.readyState === 'open' && performance.now() - atMs < LIFETIME_MS) return socket.ref()
      socket.destroy()
    }
  }

  #refill(options: buildConnector.Options): void {
    const nowMs = performance.now()
    this.#wantedAtMs = [...this.#wantedAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS), nowMs]
    const wanted = Math.min(this.#most(), this.#wantedAtMs.length - ORDINARY)
    while (this.#spares.length + this.#opening < wanted) this.#openAhead(options)
  }

  #openAhead(options: buildConnector.Options): void {
    this.#opening++
    this.#open(options, (error, socket) => {
      this.#opening--
      // Whoever needs a connection next finds out by itself.
      if (error !== null) return
      if (this.#closed) {
        socket.destroy()
        return
      }
      this.#spares.push({ socket: socket.unref(), atMs: performance.now() })
      this.#expiry ??= setTimeout(() => this.#expire(), LIFETIME_MS).unref()
    })
  }

  #expire(): void {
    this.#expiry = null
    const nowMs = performance.now()
    while (nowMs - (this.#spares[0]?.atMs ?? nowMs) >= LIFETIME_MS) this.#spares.shift()?.socket.destroy()
    const [next] = this.#spares
    if (next === undefined) return
    this.#expiry = setTimeout(() => this.#expire(), LIFETIME_MS - (nowMs - next.atMs)).unref()
  }
}
