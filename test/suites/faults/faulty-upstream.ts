import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Alter, Generation, Protocol } from './upstream-protocols.ts'

/** How a server misbehaves instead of going on with a reply. */
export type Fault =
  | { readonly type: 'reset' }
  /** Half of the next piece, and the end. */
  | { readonly type: 'half-piece' }
  | { readonly type: 'stall' }
  /** A refusal; inside a stream it is an event. */
  | {
      readonly type: 'refusal'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly type: 'altered'; readonly alter: Alter; readonly edit?: (text: string) => string }
  /** Every connection ends, and no new one is taken. */
  | { readonly type: 'away' }

interface FaultOptions {
  readonly promptTokens?: number
  readonly afterTokens?: number
  readonly times?: number
}

export interface FaultyUpstream {
  readonly url: string
  /**
   * Misbehaves from the position on that lies `afterTokens` behind a prompt of `promptTokens`, `times` times
   * (default: until it is healed).
   */
  begin(fault: Fault, options?: FaultOptions): void
  heal(): Promise<void>
  /** Replies to generations that are under way. */
  openReplies(): number
  /** Generations asked for so far. */
  asked(): number
  /** Bytes of generations handed to sockets so far. */
  sentBytes(): number
  /** Resolves once a generation is held back by a fault of the kind `stall`. */
  stalled(): Promise<void>
  /** Answers whatever is held back. */
  goOn(): void
  close(): Promise<void>
}

const unaltered: Alter = (candidates) => candidates

/** A server that speaks `protocol` on a port of this machine, until it is told to misbehave. */
export async function faultyUpstream(protocol: Protocol): Promise<FaultyUpstream> {
  const state = new Misbehaviour()
  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk
    const body: unknown = text === '' ? null : JSON.parse(text)
    const path = (incoming.url ?? '').replace(/\?.*/, '')
    const generation = protocol.generation(path, body)
    if (generation !== null) {
      await state.answer(response, generation)
      return
    }
    const reply = protocol.reply(path, body)
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply ?? { error: { message: 'no such route' } }))
  })
  await listenOn(server, 0)
  const { port } = server.address() as AddressInfo
  state.leave = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    begin: (fault, options) => state.begin(fault, options),
    async heal() {
      state.end()
      if (!server.listening) await listenOn(server, port)
    },
    openReplies: () => state.open.size,
    asked: () => state.asked,
    sentBytes: () => state.sentBytes,
    stalled: () => state.stalled(),
    goOn: () => state.goOn(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listenOn(server: Server, port: number) {
  return new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}

class Misbehaviour {
  readonly open = new Set<ServerResponse>()
  asked = 0
  sentBytes = 0
  leave = () => {}
  #fault: Fault | null = null
  #promptTokens = 0
  #afterTokens = 0
  /** Whether the position right behind the prompt has been answered. */
  #hasBegun = false
  #times = Number.POSITIVE_INFINITY
  #onStall: (() => void)[] = []
  #held: (() => void)[] = []

  begin(
    fault: Fault,
    { promptTokens = 0, afterTokens = 0, times = Number.POSITIVE_INFINITY }: FaultOptions = {},
  ) {
    this.#fault = fault
    this.#promptTokens = promptTokens
    this.#afterTokens = afterTokens
    this.#hasBegun = false
    this.#times = times
    if (afterTokens === 0 && fault.type === 'away') this.leave()
  }

  end(): void {
    this.#fault = null
  }

  stalled(): Promise<void> {
    return new Promise((resolve) => this.#onStall.push(resolve))
  }

  goOn(): void {
    this.#fault = null
    for (const go of this.#held.splice(0)) go()
  }

  async answer(response: ServerResponse, generation: Generation): Promise<void> {
    this.asked++
    this.open.add(response)
    response.on('close', () => this.open.delete(response))
    await this.#send(response, generation, 0)
  }

  async #send(response: ServerResponse, generation: Generation, from: number): Promise<void> {
    for (let at = from; at < generation.parts && !response.destroyed; at++) {
      const fault = this.#due(generation.position + at)
      if (fault?.type === 'stall') this.#held.push(() => void this.#send(response, generation, at))
      if (fault !== null) {
        this.#misbehave(
          response,
          fault,
          generation.part(at, fault.type === 'altered' ? fault.alter : unaltered),
        )
        return
      }
      if (!response.headersSent) begin(response, generation.stream)
      await this.#write(response, generation.part(at, unaltered))
      this.#hasBegun ||= generation.position + at === this.#promptTokens
      if (generation.stream) await turn()
    }
    response.end(generation.end)
  }

  #due(position: number): Fault | null {
    if (this.#fault === null || this.#times === 0) return null
    if (position - this.#promptTokens < this.#afterTokens) return null
    // Its end would take the answers of other positions with it.
    if (this.#fault.type === 'away' && this.#afterTokens > 0 && !this.#hasBegun) return null
    this.#times--
    return this.#fault
  }

  #misbehave(response: ServerResponse, fault: Fault, part: string): void {
    const { headersSent } = response
    switch (fault.type) {
      case 'reset':
        response.socket?.resetAndDestroy()
        return
      case 'half-piece':
        if (!headersSent) begin(response, part.startsWith('data:'))
        response.end(part.slice(0, part.length / 2))
        return
      case 'stall':
        for (const resolve of this.#onStall.splice(0)) resolve()
        return
      case 'refusal': {
        const { status: code, headers } = fault
        const reply = JSON.stringify({ error: { message: 'no', type: 'some_error', code } })
        if (headersSent) response.end(`data: ${reply}\n\n`)
        else response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(reply)
        return
      }
      case 'altered':
        if (!headersSent) begin(response, part.startsWith('data:'))
        response.end(fault.edit?.(part) ?? part)
        return
      case 'away':
        this.leave()
        return
      default:
        fault satisfies never
    }
  }

  async #write(response: ServerResponse, text: string): Promise<void> {
    this.sentBytes += text.length
    if (response.write(text) || response.destroyed) return
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off('drain', go)
        response.off('close', go)
        resolve()
      }
      response.on('drain', go)
      response.on('close', go)
    })
  }
}

function begin(response: ServerResponse, stream: boolean): void {
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
}
