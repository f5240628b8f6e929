import { LRUCache } from 'lru-cache'
import type { TokenId } from '../../steer/token-id.ts'

/** Tokens that are hashed at once. */
const BLOCK_TOKENS = 16
/** What a conversation that nobody knows is placed by. */
const FIRST_BLOCKS = 64
const REMEMBERED_BLOCKS = 65_536

/**
 * Places conversations on replicas so that each meets the one whose cache holds it: a prefix goes where most
 * of it went before, and otherwise where rendezvous hashing of its first tokens puts it, which moves only the
 * conversations of a replica that is gone.
 */
export class ReplicaRoutes {
  readonly #replicas: readonly string[]
  /** The replica that has seen a prefix, by the hash of its blocks. */
  readonly #seen = new LRUCache<number, number>({ max: REMEMBERED_BLOCKS })

  /** `replicas`: distinct names, which decide the placement; their order does not. */
  constructor(replicas: readonly string[]) {
    this.#replicas = replicas
  }

  /** Indices of all replicas, the one to ask first in front. */
  order(prefix: readonly TokenId[]): number[] {
    const hashes = blockHashes(prefix)
    const key = hashes[Math.min(FIRST_BLOCKS, hashes.length) - 1] ?? 0
    const weights = this.#replicas.map((name) => mix(key ^ textHash(name)))
    const order = [...weights.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b)
    const known = this.#known(hashes)
    return known === undefined ? order : [known, ...order.filter((index) => index !== known)]
  }

  /** `replica` has answered behind `prefix`. */
  answered(prefix: readonly TokenId[], replica: number): void {
    for (const hash of blockHashes(prefix)) this.#seen.set(hash, replica)
  }

  /**
   * The replica that saw the longest part; a shared system prompt alone does not bind conversations together.
   */
  #known(hashes: readonly number[]): number | undefined {
    for (let blocks = hashes.length; blocks > hashes.length / 2; blocks--) {
      const replica = this.#seen.get(hashes[blocks - 1] ?? 0)
      if (replica !== undefined) return replica
    }
    return undefined
  }
}

/** The hash of the prefix up to the end of each whole block, 53 bits. */
function blockHashes(prefix: readonly TokenId[]): number[] {
  const hashes: number[] = []
  let low = 0x811c9dc5
  let high = 0x9e3779b9
  for (let at = 0; at < prefix.length; at++) {
    const token = prefix[at] ?? 0
    low = Math.imul(low ^ token, 0x01000193) >>> 0
    high = mix(high ^ token)
    if (at % BLOCK_TOKENS === BLOCK_TOKENS - 1) hashes.push((high & 0x1fffff) * 2 ** 32 + low)
  }
  return hashes
}

function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mix(hash)
}

/** A bijective 32-bit finaliser. */
function mix(input: number): number {
  let x = input | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
