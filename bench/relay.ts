import type { AddressInfo } from 'node:net'
import { createServer, connect as openSocket, type Socket } from 'node:net'

export interface Relay {
  /** Stands for the target's url, path included. */
  readonly url: string
  close(): Promise<void>
}

/**
 * A distant network in front of an HTTP upstream: every byte arrives `roundTripMs / 2` later than it was sent, each way.
 * Bytes stay in order, and connections neither wait for each other nor for earlier bytes of their own. Opening a
 * connection to the relay itself costs nothing, therefore keep connections alive when measuring.
 */
export const startRelay = async (options: {
  /** http, with host and port. */
  readonly target: string
  readonly roundTripMs: number
}): Promise<Relay> => {
  const target = new URL(options.target)
  const delayMs = options.roundTripMs / 2
  const sockets = new Set<Socket>()
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
    forward(keep(client), keep(upstream), delayMs)
    forward(upstream, client, delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${target.pathname.replace(/\/$/, '')}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Early by less than this is on time: timers count whole milliseconds. */
const EARLY_MS = 0.5

/** Everything that happens to `from` happens to `to`, `delayMs` later and in the same order. */
const forward = (from: Socket, to: Socket, delayMs: number): void => {
  const waiting: { readonly dueMs: number; readonly deliver: () => void }[] = []
  const wake = (): void => {
    const nowMs = performance.now()
    while (waiting[0] !== undefined && waiting[0].dueMs <= nowMs + EARLY_MS) waiting.shift()?.deliver()
    if (waiting[0] !== undefined) setTimeout(wake, waiting[0].dueMs - nowMs)
  }
  const later = (deliver: () => void): void => {
    waiting.push({ dueMs: performance.now() + delayMs, deliver })
    if (waiting.length === 1) setTimeout(wake, delayMs)
  }
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)))
  from.on('end', () => later(() => to.end()))
  from.on('close', () => later(() => to.destroySoon()))
}
