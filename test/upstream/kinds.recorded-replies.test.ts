import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Upstream } from '../../src/steer/upstream.ts'
import type { SentRequest } from '../../src/upstream/http/http-endpoint.ts'
import { openLlamaCpp } from '../../src/upstream/llama-cpp/open.ts'
import { openVllm } from '../../src/upstream/vllm/open.ts'
import { playScenario, readRecording, type ScenarioOutcome } from './recorded/recorded-scenario.ts'
import { type FakeServer, startFakeServer } from './recorded/recorded-server.ts'

describe.each([
  { name: 'llama-cpp', open: openLlamaCpp },
  { name: 'vllm', open: openVllm },
])('$name, as a real server answered', ({ name, open }) => {
  const { recording, vocabulary } = readRecording(name)
  let server: FakeServer
  let upstream: Upstream
  let outcome: ScenarioOutcome
  let sent: SentRequest[]

  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
    sent = []
    upstream = await open({
      url: `${server.url}/v1`,
      apiKey: 'secret-key',
      vocabulary,
      onSend: (request) => sent.push(request),
    })
    outcome = await playScenario(upstream)
  })
  afterEach(async () => {
    await upstream.close()
    await server.close()
  })

  test('the limits are those of the server', () => {
    // The recorded llama.cpp computed on a processor, and nobody says what vLLM can.
    const maxInFlight = 1
    expect(upstream.limits).toEqual({ contextTokens: 4096, maxCandidates: vocabulary.size, maxInFlight })
  })

  test('greedy tokens are the best candidates, one for each token, and spell whole characters', () => {
    for (const step of outcome.greedy) {
      expect(step.token).toBe(step.distribution.ids[0])
      expect(step.distribution.ids).toHaveLength(3)
    }
    expect(outcome.greedyText).toContain('🎉 日本語 ok')
  })

  test('a chain is answered in the order of its prefixes', () => {
    const best = outcome.chain.map((distribution) => distribution.ids[0])
    const [first, second, third] = outcome.greedy.map((step) => step.token)
    expect(best).toEqual([first, third, second])
    for (const distribution of outcome.chain) expect(distribution.ids).toHaveLength(5)
  })

  test('drawn tokens carry a distribution each', () => {
    expect(outcome.drawn.length).toBeGreaterThan(3)
    for (const step of outcome.drawn) expect(step.distribution.logprobs).toHaveLength(3)
  })

  test('hostile text adds no control token', () => {
    expect(outcome.controls).toBeGreaterThan(4)
    expect(outcome.hostileControls).toBe(outcome.controls)
  })

  test('the hook sees exactly what the server receives, without credentials', () => {
    // Requests that run together arrive in any order.
    const inAnyOrder = (requests: readonly unknown[]) => requests.map((one) => JSON.stringify(one)).toSorted()
    expect(inAnyOrder(sent)).toEqual(inAnyOrder(server.requests))
    expect(JSON.stringify(sent)).not.toContain('secret-key')
  })
})

describe('llama-cpp', () => {
  test('tokens that the stream hides inside characters are asked for by themselves', async () => {
    const { recording, vocabulary } = readRecording('llama-cpp')
    const server = await startFakeServer(recording.exchanges)
    const upstream = await openLlamaCpp({ url: server.url, vocabulary })
    const { greedy } = await playScenario(upstream)
    const partial = greedy.filter((step) =>
      new TextDecoder().decode(vocabulary.bytes(step.token)).includes('\ufffd'),
    )
    expect(partial.length).toBeGreaterThan(3)
    const chunks = recording.exchanges.flatMap(({ reply }) => [
      ...reply.matchAll(/"tokens_predicted":(\d+)/g),
    ])
    expect(chunks.length).toBeGreaterThan(0)
    await upstream.close()
    await server.close()
  })
})
