import { expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { UpstreamRefusal } from '../../../src/upstream/http/upstream-refusal.ts'
import { CircuitBreaker } from '../../../src/upstream/wrappers/circuit-breaker.ts'
import { circuitBreakingUpstream } from '../../../src/upstream/wrappers/circuit-breaking-upstream.ts'
import { type byteModel, byteTokenizer } from '../served-model/byte-model.ts'
import { type Outcome, scriptedUpstream } from './scripted-upstream.ts'

const signal = new AbortController().signal
const sampling = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const away = new GatewayError('upstream_unreachable', 'Away.')
const busy = new UpstreamRefusal(429, 'Busy.')
const clock = { now: () => 0 }
const prefix = unguarded(byteTokenizer.encode('The fox'))
const streamQuery = { prefix, candidates: 2, maxTokens: 9, sampling, signal }

function breaking(script: readonly Outcome[], threshold: number) {
  const scripted = scriptedUpstream(script)
  const contacts: (GatewayError | null)[] = []
  const upstream = circuitBreakingUpstream(scripted, {
    breaker: new CircuitBreaker({ where: 'It', clock, threshold }),
    onContact: (failure) => contacts.push(failure),
  })
  return { upstream, scripted, contacts }
}

function ask(upstream: typeof byteModel) {
  return upstream.distributions({ prefixes: [prefix], candidates: 3, signal })
}
async function read(upstream: typeof byteModel) {
  for await (const _ of upstream.stream(streamQuery));
}

test('a server that breaks down is left alone after some calls, streams and queries alike', async () => {
  const { upstream, scripted } = breaking(
    Array.from({ length: 50 }, () => ({ fails: away })),
    4,
  )
  for (let call = 0; call < 10; call++) {
    const asking = call % 2 === 0 ? ask(upstream) : read(upstream)
    await expect(asking).rejects.toMatchObject({ code: 'upstream_unreachable' })
  }
  expect(scripted.calls()).toBe(4)
})

test('refusals and streams that are left do not count', async () => {
  const { upstream } = breaking(
    Array.from({ length: 10 }, () => ({ fails: busy })),
    2,
  )
  for (let call = 0; call < 10; call++) await expect(ask(upstream)).rejects.toBe(busy)
  for await (const _ of upstream.stream(streamQuery)) break
  expect(await ask(upstream)).toHaveLength(1)
})

test('answers and breakdowns are contacts with the server', async () => {
  const { upstream, contacts } = breaking(['answer', { fails: away }, { fails: away, afterFirst: true }], 9)
  await ask(upstream)
  await expect(ask(upstream)).rejects.toBe(away)
  await expect(read(upstream)).rejects.toBe(away)
  await read(upstream)
  expect(contacts).toEqual([null, away, null, away, null])
})

test('refusals, conversations that are encoded and calls that the breaker refuses are none', async () => {
  const { upstream, contacts } = breaking([{ fails: busy }, { fails: away }], 1)
  await expect(ask(upstream)).rejects.toBe(busy)
  await upstream.encodeChat(unguarded({ messages: [{ role: 'user', content: 'Hello' }] }), signal)
  expect(contacts).toEqual([])
  await expect(ask(upstream)).rejects.toBe(away)
  await expect(ask(upstream)).rejects.toThrow(/left alone/)
  expect(contacts).toEqual([away])
})
