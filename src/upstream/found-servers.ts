import { z } from 'zod'
import { HttpEndpoint } from './http/http-endpoint.ts'
import type { RemoteConfig } from './kinds.ts'
import { hostElsewhere } from './ollama/cloud-model.ts'
import { loaded, tags } from './ollama/replies.ts'

/** Where servers listen unless told otherwise: Ollama, llama-server, vLLM, SGLang. */
export const usualPorts: readonly number[] = [11434, 8080, 8000, 30000]

/** A server of this machine that answers, of a kind that can be steered. */
export interface FoundServer {
  readonly kind: RemoteConfig['kind']
  readonly url: string
  /**
   * What it calls its models that write text and run there; those that are loaded come first. None at an
   * Ollama that has pulled none yet.
   */
  readonly models: readonly string[]
}

const timeouts = { connectMs: 500, firstByteMs: 2_000, idleMs: 1_000 }
const signal = new AbortController().signal

/** By what its list of models says of who made it. */
const kindsByOwner: Readonly<Record<string, FoundServer['kind']>> = {
  llamacpp: 'llama-cpp',
  vllm: 'vllm',
  sglang: 'sglang',
}

const modelList = z.object({ data: z.array(z.object({ id: z.string(), owned_by: z.string() })).min(1) })

/** The servers on those ports of this machine, in their order. Never rejects. */
export async function findServers(ports: readonly number[]): Promise<readonly FoundServer[]> {
  const found = await Promise.all(ports.map((port) => serverAt(`http://127.0.0.1:${port}`)))
  return found.filter((server) => server !== null)
}

async function serverAt(url: string): Promise<FoundServer | null> {
  const endpoint = new HttpEndpoint({ url, timeouts })
  try {
    return (await ollamaAt(endpoint, url)) ?? (await otherAt(endpoint, url))
  } finally {
    await endpoint.close()
  }
}

async function ollamaAt(endpoint: HttpEndpoint, url: string): Promise<FoundServer | null> {
  try {
    const { models } = await endpoint.get('/api/tags', tags, signal)
    const running = await endpoint.get('/api/ps', loaded, signal)
    const isLoaded = new Set(running.models.map(({ name }) => name))
    // Others embed texts, or run at Ollama's cloud
    const local = models.filter(({ name, remote_host: remote, capabilities }) => {
      return hostElsewhere(name, remote) === null && capabilities?.includes('completion') !== false
    })
    const names = local.map(({ name }) => name)
    const sorted = [
      ...names.filter((name) => isLoaded.has(name)),
      ...names.filter((name) => !isLoaded.has(name)),
    ]
    return { kind: 'ollama', url, models: sorted }
  } catch {
    return null
  }
}

async function otherAt(endpoint: HttpEndpoint, url: string): Promise<FoundServer | null> {
  try {
    const { data } = await endpoint.get('/v1/models', modelList, signal)
    const kind = kindsByOwner[data[0]?.owned_by ?? '']
    return kind === undefined ? null : { kind, url, models: data.map(({ id }) => id) }
  } catch {
    return null
  }
}
