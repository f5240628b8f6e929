// Pair: two streams of one model, with and without the profile, behind steer's `LocalPair`. This room owns
// the tree of their rows on both sides of the protocol: pair-state, row-tree and tree-passes run inside the
// worker. It must not know upstreams, nor how tokens are chosen.

import { GatewayError } from '../../gateway-error.ts'
import type {
  KeptPrompts,
  LocalContinuation,
  LocalPair,
  LocalPrompts,
  LocalRow,
  TreeToken,
} from '../../steer/local-pair.ts'
import { tokenChain } from '../../steer/token-chain.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { tokenBytes } from '../cache/key-value-cache.ts'
import type { Engine, ModelLink } from '../engine/engine.ts'
import type { WorkerLink } from '../engine/worker-link.ts'
import type { FromWorker } from '../engine/worker-protocol.ts'
import type { ModelGraph } from '../graph/model-graph.ts'
import { ByteBudget } from './byte-budget.ts'
import { ComputedRow } from './computed-row.ts'
import { DeltaMemory } from './delta-memory.ts'

export interface LocalPairOptions {
  readonly engine: Engine
  readonly graph: ModelGraph
  /** Budget for the K/V rows of prompts that came before; 0 keeps none. */
  readonly cacheBytes?: number
  /**
   * Budget for the K/V rows of continuations that are open: further ones wait for their
   * turn. No limit by default.
   */
  readonly openBytes?: number
  /** Narrows the model's window. */
  readonly contextTokens?: number
  /** Where rows of prompts stay on disk that are closed with `keepFor`; nowhere by default. */
  readonly keptFolder?: string | null
}

/** What is set aside for each stream of an answer, whose length nobody knows. */
const ANSWER_TOKENS = 128

/** Loads the model as a pair of streams. Rejects with GatewayError `local_model_failed`. */
export async function openLocalPair(options: LocalPairOptions): Promise<LocalPair> {
  const { engine, graph, cacheBytes, keptFolder = null } = options
  const model = await engine.load({
    graph,
    kind: 'pair',
    keptFolder,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  })
  const budget = new ByteBudget(options.openBytes ?? Number.POSITIVE_INFINITY)
  const contextTokens = Math.min(graph.shape.contextTokens, options.contextTokens ?? Number.POSITIVE_INFINITY)
  const kept: KeptPrompts = {
    renew: (owner) => engine.tell({ type: 'kept-renew', model, owner }),
    trim: (owners) => engine.tell({ type: 'kept-trim', model, owners }),
  }
  return {
    contextTokens,
    ...(keptFolder === null ? {} : { kept }),
    async open(prompts) {
      const longest = Math.max(prompts.with.length, prompts.without.length)
      if (longest >= contextTokens) throw contextExceeded(longest, contextTokens)
      const tokens = prompts.with.length + prompts.without.length + 2 * ANSWER_TOKENS
      const giveBack = await budget.take(tokens * tokenBytes(graph.shape), prompts.signal)
      try {
        const roomTokens = contextTokens - longest
        return await openContinuation(await engine.use(model), prompts, { roomTokens, onClose: giveBack })
      } catch (error) {
        giveBack()
        throw error
      }
    },
    close: () => engine.release(model),
  }
}

// Numbers need only differ within a worker, and every worker is asked from this thread
let continuations = 0

const ROOT = 0

async function openContinuation(
  { link, model }: ModelLink,
  prompts: LocalPrompts,
  { roomTokens, onClose }: Pick<WorkerContinuationOptions, 'roomTokens' | 'onClose'>,
): Promise<LocalContinuation> {
  const continuation = ++continuations
  const opened = await link.ask(
    {
      type: 'pair-open',
      model,
      continuation,
      root: ROOT,
      with: Int32Array.from(prompts.with),
      without: Int32Array.from(prompts.without),
      strength: prompts.strength,
    },
    {
      answer: 'pair-opened',
      signal: prompts.signal,
      onLate: () => link.tell({ type: 'pair-close', continuation, keepFor: null }),
      onReading: prompts.onRead,
    },
  )
  const { strength } = prompts
  return new WorkerContinuation({ link, continuation, strength, roomTokens, onClose, opened })
}

interface WorkerContinuationOptions {
  readonly link: WorkerLink
  readonly continuation: number
  readonly strength: number
  /** Tokens that fit behind the longer prompt. */
  readonly roomTokens: number
  readonly onClose: () => void
  readonly opened: Extract<FromWorker, { type: 'pair-opened' }>
}

class WorkerContinuation implements LocalContinuation {
  readonly root: LocalRow
  readonly prefill: LocalContinuation['prefill']
  readonly #link: WorkerLink
  readonly #continuation: number
  readonly #strength: number
  readonly #roomTokens: number
  readonly #onClose: () => void
  readonly #deltas: DeltaMemory
  #rows = ROOT

  constructor({ link, continuation, strength, roomTokens, onClose, opened }: WorkerContinuationOptions) {
    this.#link = link
    this.#continuation = continuation
    this.#strength = strength
    this.#roomTokens = roomTokens
    this.#onClose = onClose
    this.#deltas = new DeltaMemory(link)
    this.#deltas.hold(opened.root.delta, 0)
    this.root = new ComputedRow(opened.root, 0, { row: ROOT, depth: 0, strength })
    const { cachedTokens, keptTokens, computedTokens } = opened
    this.prefill = { cachedTokens, keptTokens, computedTokens }
  }

  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    return this.feedTree(tokenChain(from, tokens))
  }

  feedTree(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const rows = this.#feed(tokens)
    // A look ahead that nobody waits for any more may fail unseen
    rows.catch(() => {})
    return rows
  }

  retain(row: LocalRow): void {
    this.#link.tell({ type: 'pair-retain', continuation: this.#continuation, row: rowNumber(row) })
    this.#deltas.dropAbove(row.depth)
  }

  close(keeping?: { readonly keepFor: string }): void {
    const keepFor = keeping?.keepFor ?? null
    this.#link.tell({ type: 'pair-close', continuation: this.#continuation, keepFor })
    this.#deltas.dropAbove(Number.POSITIVE_INFINITY)
    this.#onClose()
  }

  async #feed(tree: readonly TreeToken[]): Promise<LocalRow[]> {
    const depths: number[] = []
    for (const { parent } of tree)
      depths.push((typeof parent === 'number' ? (depths[parent] ?? 0) : parent.depth) + 1)
    const deepest = Math.max(0, ...depths)
    if (deepest > this.#roomTokens) throw contextExceeded(deepest, this.#roomTokens)
    const firstRow = this.#rows + 1
    this.#rows += tree.length
    const question = {
      type: 'pair-feed',
      continuation: this.#continuation,
      tokens: Int32Array.from(tree, ({ token }) => token),
      parents: Int32Array.from(tree, ({ parent }) =>
        typeof parent === 'number' ? ~parent : rowNumber(parent),
      ),
      firstRow,
    } as const
    const { parts } = await this.#link.ask(question, { answer: 'pair-fed' })
    const computed = new Array<LocalRow>(tree.length)
    for (const { rows, indices } of parts) {
      for (const [place, index] of indices.entries())
        computed[index] = new ComputedRow(rows, place, {
          row: firstRow + index,
          depth: depths[index] ?? 0,
          strength: this.#strength,
        })
      this.#deltas.hold(rows.delta, Math.max(...Array.from(indices, (index) => depths[index] ?? 0)))
    }
    return computed
  }
}

function rowNumber(row: LocalRow): number {
  if (!(row instanceof ComputedRow)) throw new TypeError('the row belongs to another pair')
  return row.row
}

function contextExceeded(tokens: number, limit: number): GatewayError {
  return new GatewayError(
    'context_length_exceeded',
    `${tokens} tokens do not fit the ${limit} that the local model's window has left. Shorten the conversation or the profile.`,
  )
}
