import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unguarded } from '../../src/guard/public.ts'
import { isRemote, type RemoteConfig, upstreamSchema } from '../../src/upstream/kinds.ts'
import { type OpenedUpstream, openRemote, reachRemote } from '../../src/upstream/open-remote.ts'
import { recordedText } from '../models/recorded-text.ts'
import { readRecording } from './recorded/recorded-scenario.ts'
import { type FakeServer, startFakeServer } from './recorded/recorded-server.ts'

const { recording, vocabulary } = readRecording('vllm')
const opening = { text: { ...recordedText('qwen2'), vocabulary }, apiKey: undefined }
const signal = new AbortController().signal

let servers: FakeServer[]
beforeEach(async () => {
  servers = await Promise.all([startFakeServer(recording.exchanges), startFakeServer(recording.exchanges)])
})
afterEach(() => Promise.all(servers.map((server) => server.close())))

function configured(more: object = {}): RemoteConfig {
  const [url, replica] = servers.map((server) => server.url)
  const config = upstreamSchema.parse({ kind: 'vllm', url, replicas: [replica], ...more })
  if (!isRemote(config)) throw new Error('a model of this process')
  return config
}

/** A question that reaches both servers when neither can answer it. */
function ask({ upstream }: OpenedUpstream) {
  const prefix = unguarded([...vocabulary.endTokens])
  return upstream.distributions({ prefixes: [prefix], candidates: 1, signal })
}

describe('a server with a replica', () => {
  test('can answer while one of them can, and says so when none can', async () => {
    const opened = await openRemote(configured(), opening)
    expect(await opened.obstacle()).toBeNull()
    await servers[0]?.close()
    await ask(opened).catch(() => {})
    expect(await opened.obstacle()).toBeNull()
    await servers[1]?.close()
    await expect(ask(opened)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(await opened.obstacle()).toBe('has no server left: the first cannot be reached')
    await opened.close()
  })

  test('takes the limits of its kind and of its configuration', async () => {
    const standard = await openRemote(configured(), opening)
    expect(standard.upstream.limits.maxInFlight).toBe(16)
    await standard.close()
    const own = await openRemote(configured({ max_in_flight: 3 }), opening)
    expect(own.upstream.limits.maxInFlight).toBe(3)
    await own.close()
  })

  test('is not opened when the replica is not there', async () => {
    await servers[1]?.close()
    await expect(openRemote(configured(), opening)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(servers[0]?.openReplies()).toBe(0)
  })
})

test('a server is reached by the route of its kind', async () => {
  const [server] = servers
  await reachRemote(configured(), { apiKey: undefined, signal })
  expect(server?.requests.map(({ path }) => path)).toEqual(['/v1/models'])
  await expect(reachRemote(configured({ kind: 'llama-cpp' }), { apiKey: undefined, signal })).rejects.toThrow(
    /HTTP 404/,
  )
  expect(server?.requests.at(-1)?.path).toBe('/props')
})
