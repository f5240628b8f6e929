import { Gauge, type Registry } from 'prom-client'
import { type MemoryShares, sharedBytes } from '../../config/memory-shares.ts'

interface LocalUsage {
  readonly continuations: number
  readonly streams: number
  readonly cacheBytes: number
  readonly runningBytes: number
  readonly sequenceBytes: number
}

/** Registers the bits of the local model's weights, asked for with each scrape: others may take its place. */
export function tellWeightBits(registry: Registry, bits: () => number | null): void {
  new Gauge({
    name: 'costeer_local_weight_bits',
    help: "Bits of the local model's weights, where it runs in this process; else 0.",
    registers: [registry],
    collect() {
      this.set(bits() ?? 0)
    },
  })
}

/**
 * Registers gauges of what the models of this process hold, asked for with each scrape; 0 while none runs.
 */
export function observeLocalUsage(registry: Registry, usage: () => Promise<LocalUsage | null>): void {
  const gauge = (name: string, help: string, value: (held: LocalUsage) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const held = await usage().catch(() => null)
        this.set(held === null ? 0 : value(held))
      },
    })
  gauge(
    'costeer_local_sequences',
    'Local pairs and embedded streams that are open.',
    ({ continuations, streams }) => continuations + streams,
  )
  gauge('costeer_local_cache_bytes', 'K/V rows of prompts that came before.', ({ cacheBytes }) => cacheBytes)
}

/**
 * Registers gauges of the memory for K/V rows: what all caches together may take, and what each takes now,
 * asked for with each scrape.
 */
export function observeMemory(
  registry: Registry,
  {
    shares,
    usage,
  }: { readonly shares: () => MemoryShares; readonly usage: () => Promise<LocalUsage | null> },
): void {
  new Gauge({
    name: 'costeer_memory_budget_bytes',
    help: 'What K/V rows may take together: memory.budget, or the keys of caches where they are larger.',
    registers: [registry],
    collect() {
      this.set(sharedBytes(shares()))
    },
  })
  new Gauge({
    name: 'costeer_memory_used_bytes',
    help: 'What K/V rows take: of prompts that came before, of steered answers that run, of sequences of embedded upstreams.',
    labelNames: ['cache'],
    registers: [registry],
    async collect() {
      const held = await usage().catch(() => null)
      this.set({ cache: 'prompts' }, held?.cacheBytes ?? 0)
      this.set({ cache: 'running' }, held?.runningBytes ?? 0)
      this.set({ cache: 'sequences' }, held?.sequenceBytes ?? 0)
    },
  })
}
