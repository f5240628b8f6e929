import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import {
  observeLocalUsage,
  observeMemory,
  tellWeightBits,
} from '../../../src/proxy/metrics/local-usage-metrics.ts'

test('a scrape tells what local models hold, and 0 while none runs or when it dies', async () => {
  const registry = new Registry()
  const answers = [
    async () => ({ continuations: 2, streams: 1, cacheBytes: 4096, runningBytes: 512, sequenceBytes: 64 }),
    async () => null,
    async () => Promise.reject(new Error('the worker died')),
  ]
  let usage = answers[0]
  observeLocalUsage(registry, async () => (await usage?.()) ?? null)
  const scraped: string[] = []
  for (usage of answers) scraped.push(await registry.metrics())
  expect(scraped.map((text) => text.match(/^costeer_local_\w+ \d+$/gm))).toEqual([
    ['costeer_local_sequences 3', 'costeer_local_cache_bytes 4096'],
    ['costeer_local_sequences 0', 'costeer_local_cache_bytes 0'],
    ['costeer_local_sequences 0', 'costeer_local_cache_bytes 0'],
  ])
})

test('the bits of the local model can be seen', async () => {
  const registry = new Registry()
  let bits: number | null = 4
  tellWeightBits(registry, () => bits)
  expect(await registry.metrics()).toMatch(/^costeer_local_weight_bits 4$/m)
  bits = null
  expect(await registry.metrics()).toMatch(/^costeer_local_weight_bits 0$/m)
})

test('the memory budget can be seen beside what each cache takes', async () => {
  const registry = new Registry()
  const held = { continuations: 1, streams: 0, cacheBytes: 30, runningBytes: 20, sequenceBytes: 10 }
  const upstreamBytes = new Map([['own', 300]])
  observeMemory(registry, {
    shares: () => ({ budgetBytes: 1000, cacheBytes: 200, runningBytes: 500, upstreamBytes }),
    usage: async () => held,
  })
  expect((await registry.metrics()).match(/^costeer_\S+ \d+$/gm)).toEqual([
    'costeer_memory_budget_bytes 1000',
    'costeer_memory_used_bytes{cache="prompts"} 30',
    'costeer_memory_used_bytes{cache="running"} 20',
    'costeer_memory_used_bytes{cache="sequences"} 10',
  ])
})
