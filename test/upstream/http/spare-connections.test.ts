import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SpareConnections } from '../../../src/upstream/http/spare-connections.ts'

const MOST = 3

describe('spare connections', () => {
  let server: Server
  let spares: SpareConnections
  const accepted: Socket[] = []
  const open = () => accepted.filter((socket) => !socket.destroyed)

  beforeEach(async () => {
    accepted.length = 0
    server = createServer((socket) => {
      accepted.push(socket)
      socket.on('error', () => {}).resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    spares = new SpareConnections({ most: () => MOST, connectMs: 1_000 })
  })
  afterEach(async () => {
    vi.useRealTimers()
    spares.close()
    for (const socket of accepted) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  const connect = (): Promise<Socket> => {
    const { port } = server.address() as AddressInfo
    const options = { hostname: '127.0.0.1', protocol: 'http:', port: String(port) }
    return new Promise((resolve, reject) =>
      spares.connect(options, (error, socket) => (error === null ? resolve(socket) : reject(error))),
    )
  }
  /** Uses connections up until as many spares as allowed wait. */
  const useUp = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) (await connect()).destroy()
    await vi.waitFor(() => expect(open()).toHaveLength(MOST))
  }

  test('opens none for the two connections that a pool opens anyway', async () => {
    await connect()
    await connect()
    await connect()
    expect(accepted.length).toBeLessThanOrEqual(4)
  })

  test('hands out a connection that is open already, and opens another in its place', async () => {
    await useUp()
    const opened = accepted.length
    const ports = open().map((socket) => socket.remotePort)
    const socket = await connect()
    expect(ports).toContain(socket.localPort)
    await vi.waitFor(() => expect(accepted).toHaveLength(opened + 1))
    socket.destroy()
    await vi.waitFor(() => expect(open()).toHaveLength(MOST))
  })

  test('opens a new one where the server has closed the spares', async () => {
    await useUp()
    const ports = open().map((socket) => socket.remotePort)
    for (const socket of open()) socket.destroy()
    await vi.waitFor(async () => expect(ports).not.toContain((await connect()).localPort))
  })

  test('lets spares go that nobody takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    await useUp()
    vi.advanceTimersByTime(3_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(open()).toHaveLength(0))
  })

  test('closes all of them with the endpoint', async () => {
    await useUp()
    spares.close()
    await vi.waitFor(() => expect(open()).toHaveLength(0))
  })
})
