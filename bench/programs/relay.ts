import type { AddressInfo } from 'node:net'
import { createServer, connect as openSocket, type Socket } from 'node:net'

export interface Relay {
  /** Stands for the target's url, path included. */
  readonly url: string
  /** Bytes that have come back from the target so far, headers included. */
  readonly receivedBytes: number
  close(): Promise<void>
}

/**
 * A distant network in front of an HTTP upstream: every byte arrives `roundTripMs / 2` later than it was
 * sent, each way. Bytes stay in order, and connections neither wait for each other nor for earlier bytes of
 * their own. A new connection carries nothing for one round trip, as if it were opened across the network.
 */
export async function startRelay(options: {
  /** http, with host and port. */
  readonly target: string
  readonly roundTripMs: number
}): Promise<Relay> {
  const target = new URL(options.target)
  const delayMs = options.roundTripMs / 2
  const sockets = new Set<Socket>()
  let receivedBytes = 0
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.setNoDelay(true))
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = openSocket({
      host: target.hostname,
      port: Number(target.port || 80),
      allowHalfOpen: true,
    })
    upstream.on('data', ({ length }) => {
      receivedBytes += length
    })
    const openedMs = performance.now() + options.roundTripMs
    forward(keep(client), keep(upstream), { delayMs, openedMs })
    forward(upstream, client, { delayMs, openedMs: 0 })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${target.pathname.replace(/\/$/, '')}`,
    get receivedBytes() {
      return receivedBytes
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Early by less than this is on time: timers count whole milliseconds. */
const EARLY_MS = 0.5

interface Distance {
  readonly delayMs: number
  /** Nothing leaves before. */
  readonly openedMs: number
}

/** Everything that happens to `from` happens to `to`, `delayMs` later and in the same order. */
function forward(from: Socket, to: Socket, { delayMs, openedMs }: Distance): void {
  const waiting: { readonly dueMs: number; readonly deliver: () => void }[] = []
  const wake = (): void => {
    const nowMs = performance.now()
    while (waiting[0] !== undefined && waiting[0].dueMs <= nowMs + EARLY_MS) waiting.shift()?.deliver()
    if (waiting[0] !== undefined) setTimeout(wake, waiting[0].dueMs - nowMs)
  }
  const later = (deliver: () => void): void => {
    const nowMs = performance.now()
    const dueMs = Math.max(nowMs, openedMs) + delayMs
    waiting.push({ dueMs, deliver })
    if (waiting.length === 1) setTimeout(wake, dueMs - nowMs)
  }
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)))
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroySoon()))
}
