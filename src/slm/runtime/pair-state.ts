import { type PairDecoder, stepTokens } from './decoder.ts'
import { KeyValueCache, type NewRows } from './key-value-cache.ts'
import { MisuseError } from './misuse-error.ts'
import type { PrefixCache } from './prefix-cache.ts'
import type { PairRows } from './worker-protocol.ts'

/** A row of the tree, other than the root. Its K/V rows lie in the caches while its path does, else in `saved`. */
interface Node {
  readonly row: number
  readonly parent: Node | null
  /** 1 for the rows below the root. */
  readonly depth: number
  readonly token: number
  saved: { readonly rows: readonly NewRows[]; readonly index: number } | null
}

const STREAMS = [0, 1] as const

/** A continuation inside the worker: two caches that hold one path of the tree, and the tree. */
export class PairState {
  readonly #decoder: PairDecoder
  readonly #prefixes: PrefixCache
  readonly #prompts: readonly Int32Array[]
  readonly #caches: readonly KeyValueCache[]
  readonly #strength: number
  readonly #root: number
  readonly #nodes = new Map<number, Node>()
  /** The nodes whose rows lie in the caches after the prompts. */
  #path: Node[] = []
  #cachedTokens = 0

  constructor(
    decoder: PairDecoder,
    prefixes: PrefixCache,
    options: { readonly prompts: readonly Int32Array[]; readonly strength: number; readonly root: number },
  ) {
    this.#decoder = decoder
    this.#prefixes = prefixes
    this.#prompts = options.prompts
    this.#strength = options.strength
    this.#root = options.root
    const capacity = (prompt: Int32Array) => Math.ceil(prompt.length * 1.25) + 128
    this.#caches = this.#prompts.map((prompt) => new KeyValueCache(decoder.shape, capacity(prompt)))
  }

  /** Tokens of both prompts that were found in the cache. */
  get cachedTokens(): number {
    return this.#cachedTokens
  }

  get computedTokens(): number {
    return this.#prompts.reduce((sum, { length }) => sum + length, 0) - this.#cachedTokens
  }

  /**
   * Prefills one step, unless another prompt with the same start has done it meanwhile; the root row when it was the last. A
   * stream that is done first waits with its last tokens.
   */
  async prefillStep(): Promise<PairRows | null> {
    for (const [stream, prompt] of this.#prompts.entries())
      this.#cachedTokens += this.#prefixes.restore(prompt, this.#cache(stream))
    const rests = this.#prompts.map((prompt, stream) => prompt.subarray(this.#cache(stream).length))
    const steps = rests.map(({ length }, stream) => stepTokens(this.#cache(stream).length, length))
    const last = steps.every((step, stream) => step === rests[stream]?.length)
    const rows = await this.#run(
      rests.map((rest, stream) => {
        const step = steps[stream] ?? 0
        return !last && step === rest.length ? rest.subarray(0, 0) : rest.subarray(0, step)
      }),
    )
    this.keepPrefixes()
    return last ? rows : null
  }

  /** Feeds a chain below `from`; the rows come in one or more parts. Throws MisuseError for a dropped row. */
  async feed(from: number, tokens: Int32Array, firstRow: number): Promise<PairRows[]> {
    this.#moveTo(from)
    const parts: PairRows[] = []
    for (let done = 0; done < tokens.length; ) {
      const rest = tokens.length - done
      const count = Math.min(...STREAMS.map((stream) => stepTokens(this.#cache(stream).length, rest)))
      const chunk = tokens.subarray(done, done + count)
      const part = await this.#run(
        STREAMS.map(() => chunk),
        Array.from(chunk.keys()),
      )
      for (const [index, token] of chunk.entries()) {
        const parent = this.#path.at(-1) ?? null
        const node = {
          row: firstRow + done + index,
          parent,
          depth: this.#path.length + 1,
          token,
          saved: null,
        }
        this.#nodes.set(node.row, node)
        this.#path.push(node)
      }
      parts.push(part)
      done += count
    }
    return parts
  }

  /** Drops every row that is neither `row`, nor above or below it. */
  retain(row: number): void {
    const kept = this.#pathTo(row)
    for (const [key, node] of this.#nodes) {
      const ancestor = kept[node.depth - 1]
      const keep = ancestor ? ancestor === node : kept.length === 0 || isBelow(node, kept.at(-1))
      if (!keep) this.#nodes.delete(key)
    }
  }

  /** Offers what the caches hold to later prompts. */
  keepPrefixes(): void {
    const answer = Int32Array.from(this.#path, ({ token }) => token)
    this.#prompts.forEach((prompt, stream) => {
      const tokens = new Int32Array(prompt.length + answer.length)
      tokens.set(prompt)
      tokens.set(answer, prompt.length)
      this.#prefixes.store(tokens, this.#cache(stream))
    })
  }

  #run(tokens: readonly Int32Array[], headRows?: readonly number[]): Promise<PairRows> {
    return this.#decoder.run({
      streams: tokens.map((own, stream) => ({ cache: this.#cache(stream), tokens: own })),
      strength: this.#strength,
      ...(headRows ? { headRows } : {}),
    })
  }

  #pathTo(row: number): Node[] {
    if (row === this.#root) return []
    const node = this.#nodes.get(row)
    if (!node) throw new MisuseError('the row was dropped')
    const path = new Array<Node>(node.depth)
    for (let at: Node | null = node; at; at = at.parent) path[at.depth - 1] = at
    return path
  }

  /** Makes the caches end with `row`: rows of another branch are set aside, those of this one put back. */
  #moveTo(row: number): void {
    const path = this.#pathTo(row)
    let shared = 0
    while (shared < path.length && path[shared] === this.#path[shared]) shared++
    this.#setAside(shared)
    for (const [stream, prompt] of this.#prompts.entries())
      this.#cache(stream).truncate(prompt.length + shared)
    for (const { saved } of path.slice(shared)) {
      if (!saved) throw new Error('a row of the tree has lost its keys and values')
      for (const stream of STREAMS) this.#cache(stream).append(saved.rows[stream] as NewRows, saved.index, 1)
    }
    this.#path = path
  }

  /** Copies the rows of the current path from depth `shared` on out of the caches, if any of them may be needed again. */
  #setAside(shared: number): void {
    const leaving = this.#path.slice(shared)
    const alive = leaving.findLastIndex((node) => !node.saved && this.#nodes.get(node.row) === node) + 1
    if (alive === 0) return
    const rows = this.#prompts.map((prompt, stream) =>
      this.#cache(stream).copy(prompt.length + shared, alive),
    )
    leaving.slice(0, alive).forEach((node, index) => {
      node.saved = { rows, index }
    })
  }

  #cache(stream: number): KeyValueCache {
    return this.#caches[stream] as KeyValueCache
  }
}

const isBelow = (node: Node, ancestor: Node | undefined): boolean => {
  for (let at: Node | null = node; at; at = at.parent) if (at === ancestor) return true
  return false
}
