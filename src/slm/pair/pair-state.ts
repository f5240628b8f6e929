import { KeyValueCache, type NewRows, tokenBytes } from '../cache/key-value-cache.ts'
import { BLOCK_TOKENS, type PrefixCache } from '../cache/prefix-cache.ts'
import type { RecentLogits } from '../cache/recent-logits.ts'
import { type PairDecoder, type PairOutputs, type PairRows, stepTokens } from '../decoder/decoder.ts'
import type { FedRows } from '../engine/worker-protocol.ts'
import { MOST_WINDOW_BLOCKS } from '../graph/attention-nodes.ts'
import { pathTo, RowTree, type TreeNode } from './row-tree.ts'
import {
  isChain,
  nextPass,
  type PendingToken,
  passParents,
  pendingTokens,
  type TreePass,
} from './tree-passes.ts'

export interface PairStateOptions {
  /** Of `with` and `without`. */
  readonly prompts: readonly [Int32Array, Int32Array]
  readonly strength: number
  /** The number of the row after the prompts. */
  readonly root: number
  /** Is told the logits of `without`, while anybody may ask for them. */
  readonly recent: RecentLogits
}

/** A continuation inside the worker: two caches that hold one path of the tree, and the tree. */
export class PairState {
  readonly #decoder: PairDecoder
  readonly #prefixes: PrefixCache
  readonly #prompts: PairStateOptions['prompts']
  readonly #caches: readonly KeyValueCache[]
  readonly #strength: number
  readonly #tree: RowTree
  readonly #recent: RecentLogits
  /** The nodes whose rows lie in the caches after the prompts. */
  #path: TreeNode[] = []
  #cachedTokens = 0
  #keptTokens = 0

  constructor(decoder: PairDecoder, prefixes: PrefixCache, options: PairStateOptions) {
    this.#decoder = decoder
    this.#prefixes = prefixes
    this.#prompts = options.prompts
    this.#strength = options.strength
    this.#tree = new RowTree(options.root)
    this.#recent = options.recent
    const capacity = (prompt: Int32Array) => Math.ceil(prompt.length * 1.25) + 128
    this.#caches = this.#prompts.map((prompt) => new KeyValueCache(decoder.shape, capacity(prompt)))
  }

  /** Of the rows in both caches. */
  get bytes(): number {
    return this.#caches.reduce((sum, { length }) => sum + length, 0) * tokenBytes(this.#decoder.shape)
  }

  /** Tokens of both prompts that were found in the cache. */
  get cachedTokens(): number {
    return this.#cachedTokens
  }

  /** Of these, those that were on disk. */
  get keptTokens(): number {
    return this.#keptTokens
  }

  get computedTokens(): number {
    return this.#prompts.reduce((sum, { length }) => sum + length, 0) - this.#cachedTokens
  }

  /** The share of both prompts that the caches hold, [0, 1]. */
  get readShare(): number {
    const all = this.#prompts.reduce((sum, { length }) => sum + length, 0)
    return this.#caches.reduce((sum, { length }) => sum + length, 0) / all
  }

  /**
   * Prefills one step of about `atMost` rows, unless another prompt with the same start has done it
   * meanwhile; the root row when it was the last. A stream that is done first waits with its last tokens. A
   * step that reads from disk computes nothing.
   */
  async prefillStep(atMost: number): Promise<PairRows | null> {
    if (this.#restore()) return null
    const rests = this.#streams().map(([cache, prompt]) => prompt.subarray(cache.length))
    const share = Math.ceil(atMost / rests.length)
    const isOneLeft = rests.filter(({ length }) => length > share).length === 1
    const parts = this.#streams().map(([cache], stream) => {
      const rest = rests[stream] as Int32Array
      return { rest, step: Math.min(isOneLeft ? atMost : share, stepTokens(cache.length, rest.length)) }
    })
    const last = parts.every(({ rest, step }) => step === rest.length)
    const tokens = parts.map(({ rest, step }) => rest.subarray(0, !last && step === rest.length ? 0 : step))
    const { rows, publicLogits } = await this.#run(tokens)
    this.keepPrefixes()
    if (last) this.#tellLogits([null], publicLogits)
    return last ? rows : null
  }

  /**
   * Feeds a tree of tokens, in as few passes as windows allow; `parents` are row numbers,
   * or ~index of another token of the same question. Throws MisuseError for a dropped row.
   */
  async feed(tokens: Int32Array, parents: Int32Array, firstRow: number): Promise<FedRows[]> {
    const nodes: TreeNode[] = []
    const fed: FedRows[] = []
    let pending = pendingTokens(tokens, parents, (row) => this.#tree.node(row))
    const promptTokens = this.#prompts.map(({ length }) => length)
    const limits = { promptTokens, blocks: MOST_WINDOW_BLOCKS }
    while (pending.length > 0) {
      const whole = nextPass(pending, limits)
      const pass = this.#decoder.runTree || isChain(whole) ? whole : firstChain(whole)
      this.#moveTo(pass.base)
      const added = pass.tokens.map(({ index, token, parent, anchor }) => {
        const node = this.#tree.add(firstRow + index, parent ? (nodes[parent.index] ?? null) : anchor, token)
        nodes[index] = node
        return node
      })
      const rows = isChain(pass) ? await this.#feedChain(added) : await this.#feedTree(pass, added)
      fed.push({ rows, indices: Int32Array.from(pass.tokens, ({ index }) => index) })
      pending = stillPending(pending, pass, nodes)
    }
    return fed
  }

  /** Drops every row that is neither `row`, nor above or below it. */
  retain(row: number): void {
    this.#tree.retain(row)
  }

  /** Offers what the caches hold to later prompts. */
  keepPrefixes(): void {
    for (const [cache, prompt] of this.#streams()) {
      this.#prefixes.store(followedBy(prompt, this.#path), cache)
    }
  }

  /** Has the prompts' rows, as far as memory holds them, stay on disk. */
  keepFor(owner: string): void {
    this.#prefixes.keep(owner, this.#prompts)
  }

  /** Gives the caches' memory back; the continuation is of no use afterwards. */
  release(): void {
    for (const cache of this.#caches) cache.release()
  }

  #streams(): [KeyValueCache, Int32Array][] {
    return this.#prompts.map((prompt, stream) => [this.#caches[stream] as KeyValueCache, prompt])
  }

  /** Takes what is known of the prompts; true when some of it came from disk, where more may lie. */
  #restore(): boolean {
    let isFromDisk = false
    for (const [cache, prompt] of this.#streams()) {
      const fetched = this.#prefixes.fetch(prompt, cache)
      const restored = this.#prefixes.restore(prompt, cache)
      this.#cachedTokens += restored
      this.#keptTokens += Math.min(fetched, restored)
      if (fetched > 0 && restored > 0) isFromDisk = true
    }
    return isFromDisk
  }

  #run(tokens: readonly Int32Array[], headRows?: readonly number[]): Promise<PairOutputs> {
    return this.#decoder.run({
      streams: this.#caches.map((cache, stream) => ({ cache, tokens: tokens[stream] as Int32Array })),
      strength: this.#strength,
      publicLogits: this.#recent.isRead,
      ...(headRows ? { headRows } : {}),
    })
  }

  /** The rows after `nodes`, null for the root, have these logits of `without`. */
  #tellLogits(nodes: readonly (TreeNode | null)[], logits: Float32Array | null): void {
    if (logits === null || !this.#recent.isRead) return
    const [, prompt] = this.#prompts
    const size = logits.length / nodes.length
    for (const [row, node] of nodes.entries()) {
      this.#recent.keep(followedBy(prompt, pathTo(node)), logits.subarray(row * size, (row + 1) * size))
    }
  }

  /** The caches end right above the chain, and with it afterwards. */
  async #feedChain(nodes: readonly TreeNode[]): Promise<PairRows> {
    const tokens = Int32Array.from(nodes, ({ token }) => token)
    const { rows, publicLogits } = await this.#run([tokens, tokens], Array.from(tokens.keys()))
    this.#path.push(...nodes)
    this.#tellLogits(nodes, publicLogits)
    // Who has taken logits from here has not computed the rows, and may need them yet
    const endsBlock = this.#caches.some(({ length }) => length % BLOCK_TOKENS < nodes.length)
    if (this.#recent.isRead && endsBlock) this.keepPrefixes()
    return rows
  }

  /** The caches end with the pass's base, before and after; the rows of the tree are set aside. */
  async #feedTree(pass: TreePass, nodes: readonly TreeNode[]): Promise<PairRows> {
    const runTree = this.#decoder.runTree as NonNullable<PairDecoder['runTree']>
    const shared = this.#caches.map(({ length }) => length)
    for (const node of pass.between) this.#putBack(node)
    try {
      const { rows, publicLogits, newRows, starts } = await runTree({
        streams: this.#caches.map((cache, stream) => ({ cache, shared: shared[stream] ?? 0 })),
        parents: passParents(pass),
        tokens: Int32Array.from(nodes, ({ token }) => token),
        strength: this.#strength,
        publicLogits: this.#recent.isRead,
      })
      this.#tellLogits(nodes, publicLogits)
      for (const [index, node] of nodes.entries())
        node.saved = { rows: [newRows, newRows], indices: starts.map((start) => start + index) }
      return rows
    } finally {
      this.#caches.forEach((cache, stream) => {
        cache.truncate(shared[stream] ?? 0)
      })
    }
  }

  /** Makes the caches end with `node`: rows of another branch are set aside, those of this one put back. */
  #moveTo(node: TreeNode | null): void {
    const path = pathTo(node)
    let shared = 0
    while (shared < path.length && path[shared] === this.#path[shared]) shared++
    this.#setAside(shared)
    for (const [cache, prompt] of this.#streams()) cache.truncate(prompt.length + shared)
    for (const missing of path.slice(shared)) this.#putBack(missing)
    this.#path = path
  }

  #putBack({ saved }: TreeNode): void {
    if (!saved) throw new Error('a row of the tree has lost its keys and values')
    this.#caches.forEach((cache, stream) => {
      cache.append(saved.rows[stream] as NewRows, saved.indices[stream] ?? 0, 1)
    })
  }

  /**
   * Copies the rows of the current path from depth `shared` on out of the caches, if any
   * of them may be needed again.
   */
  #setAside(shared: number): void {
    const leaving = this.#path.slice(shared)
    const alive = leaving.findLastIndex((node) => !node.saved && this.#tree.has(node)) + 1
    if (alive === 0) return
    const rows = this.#streams().map(([cache, prompt]) => cache.copy(prompt.length + shared, alive))
    leaving.slice(0, alive).forEach((node, index) => {
      node.saved = { rows, indices: [index, index] }
    })
  }
}

function followedBy(prompt: Int32Array, path: readonly TreeNode[]): Int32Array {
  const tokens = new Int32Array(prompt.length + path.length)
  tokens.set(prompt)
  for (const [index, { token }] of path.entries()) tokens[prompt.length + index] = token
  return tokens
}

/** For decoders that take no trees: the first token and those that follow it one by one. */
function firstChain({ tokens }: TreePass): TreePass {
  const chain: PendingToken[] = []
  for (const token of tokens)
    if (chain.length === 0 ? token.parent === null : token.parent === chain.at(-1)) chain.push(token)
  return { base: chain[0]?.anchor ?? null, between: [], tokens: chain }
}

/** What is left after a pass, with the pass's rows as anchors. */
function stillPending(
  pending: readonly PendingToken[],
  { tokens }: TreePass,
  nodes: readonly TreeNode[],
): PendingToken[] {
  const computed = new Set(tokens)
  const renewed = new Map<PendingToken, PendingToken>()
  for (const token of pending) {
    if (computed.has(token)) continue
    const { parent } = token
    const next =
      parent === null
        ? token
        : computed.has(parent)
          ? { ...token, parent: null, anchor: nodes[parent.index] ?? null }
          : { ...token, parent: renewed.get(parent) ?? null, anchor: renewed.get(parent)?.anchor ?? null }
    renewed.set(token, next)
  }
  return [...renewed.values()]
}
