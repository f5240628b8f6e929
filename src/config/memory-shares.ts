import { isRemote } from '../upstream/kinds.ts'
import { type MachineMemory, machineMemory } from './machine-memory.ts'
import type { Config } from './schema.ts'

/** What each cache of K/V rows may take, in bytes. */
export interface MemoryShares {
  /** Of all that has no key of its own. */
  readonly budgetBytes: number
  /** Prompts that the local model has read before. */
  readonly cacheBytes: number
  /** Steered answers that run. */
  readonly runningBytes: number
  /** Of each embedded upstream, by its name: conversations that it has read before. */
  readonly upstreamBytes: ReadonlyMap<string, number>
}

const LARGEST_DEFAULT = 2 ** 30
const SHARE_OF_MACHINE = 1 / 4
/** However much the given keys take, the others share so much of the budget. */
const LEAST_REST = 1 / 4

/** How the rest is shared. */
const parts = { cache: 2, running: 3, upstream: 3 } as const

/**
 * Shares out `memory.budget`: a key that is given counts as it stands, and the other caches divide what it
 * leaves.
 */
export function memoryShares(
  { memory, local, upstreams }: Pick<Config, 'memory' | 'local' | 'upstreams'>,
  { limitBytes }: Pick<MachineMemory, 'limitBytes'> = machineMemory(),
): MemoryShares {
  const budgetBytes = memory.budget ?? Math.min(LARGEST_DEFAULT, Math.floor(limitBytes * SHARE_OF_MACHINE))
  const own = local.kind === 'embedded' ? local : { cache_bytes: 0, running_bytes: 0 }
  const embedded = Object.entries(upstreams).flatMap(([name, upstream]) =>
    isRemote(upstream) ? [] : [{ name, given: upstream.cache_bytes }],
  )
  const caches = [
    { given: own.cache_bytes, part: parts.cache },
    { given: own.running_bytes, part: parts.running },
    ...embedded.map(({ given }) => ({ given, part: parts.upstream })),
  ]
  const givenBytes = caches.reduce((sum, { given = 0 }) => sum + given, 0)
  const restBytes = Math.max(budgetBytes - givenBytes, budgetBytes * LEAST_REST)
  const restParts = caches.reduce((sum, { given, part }) => sum + (given === undefined ? part : 0), 0)
  const share = (given: number | undefined, part: number) =>
    given ?? Math.floor((restBytes * part) / restParts)
  return {
    budgetBytes,
    cacheBytes: share(own.cache_bytes, parts.cache),
    runningBytes: share(own.running_bytes, parts.running),
    upstreamBytes: new Map(embedded.map(({ name, given }) => [name, share(given, parts.upstream)])),
  }
}

/** All caches together, when they are full. */
export function sharedBytes({ cacheBytes, runningBytes, upstreamBytes }: MemoryShares): number {
  return [...upstreamBytes.values()].reduce((sum, bytes) => sum + bytes, cacheBytes + runningBytes)
}
