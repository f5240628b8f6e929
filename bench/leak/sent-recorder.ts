import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

export interface SentRecorder {
  readonly url: string
  /** All that was sent since the last call, as text: strings, and token ids as the server reads them. */
  taken(): Promise<string[]>
  close(): Promise<void>
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

const detokenized = z.object({ content: z.string() })

/** A relay in front of a llama.cpp server that keeps what is sent to it. */
export async function startSentRecorder(target: string): Promise<SentRecorder> {
  let strings = new Set<string>()
  let sequences = new Map<string, readonly number[]>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { method = 'GET', url = '' } = request
    strings.add(decodeURIComponent(url))
    // The names of a request's own fields are the server's: "response_fields" tells of nobody called Fields
    if (body !== '') for (const value of Object.values(JSON.parse(body) as object)) collect(value as Json)
    const stopped = new AbortController()
    response.once('close', () => stopped.abort())
    try {
      const reply = await asked(target + url, {
        method,
        signal: stopped.signal,
        ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }),
      })
      const type = reply.headers.get('content-type') ?? 'application/json'
      response.writeHead(reply.status, { 'content-type': type })
      for await (const piece of reply.body ?? []) response.write(piece)
      response.end()
    } catch {
      // The gateway asks again
      response.destroy()
    }
  })
  const collect = (value: Json): void => {
    if (typeof value === 'string') strings.add(value)
    else if (Array.isArray(value)) {
      if (value.length > 0 && value.every((item) => typeof item === 'number')) {
        sequences.set(value.join(','), value)
      } else for (const item of value) collect(item)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        strings.add(key)
        collect(item)
      }
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async taken() {
      const texts = [...strings]
      const longest = maximal([...sequences.keys()])
      for (const key of longest) {
        const body = JSON.stringify({ tokens: sequences.get(key) })
        const headers = { 'content-type': 'application/json' }
        const reply = await asked(`${target}/detokenize`, { method: 'POST', body, headers })
        texts.push(detokenized.parse(await reply.json()).content)
      }
      strings = new Set()
      sequences = new Map()
      return texts
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** A kept connection may be closed by the server as it is used again: then it is asked on another one. */
async function asked(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    return fetch(url, init)
  }
}

/** Those that no other one begins with: the others' texts stand in theirs. */
function maximal(keys: readonly string[]): string[] {
  const sorted = keys.toSorted()
  return sorted.filter((key, index) => !`${sorted[index + 1] ?? ''},`.startsWith(`${key},`))
}
