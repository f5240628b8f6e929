import { GatewayError } from '../../gateway-error.ts'
import type { LocalContinuation, LocalPair, LocalPrompts, LocalRow } from '../../steer/local-pair.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { TreeToken } from '../../steer/token-tree.ts'
import type { PreparedGraph } from '../graph/prepared-graph.ts'
import type { Engine, ModelLink } from './engine.ts'
import { ComputedRow } from './local-row.ts'

export interface LocalPairOptions {
  readonly engine: Engine
  readonly graph: PreparedGraph
  /** Budget for the K/V rows of prompts that came before; 0 keeps none. */
  readonly cacheBytes?: number
  /** Narrows the model's window. */
  readonly contextTokens?: number
}

/** Loads the model as a pair of streams. Rejects with GatewayError `local_model_failed`. */
export const openLocalPair = async (options: LocalPairOptions): Promise<LocalPair> => {
  const { engine, graph, cacheBytes } = options
  const model = await engine.load({
    graph,
    kind: 'pair',
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  })
  const contextTokens = Math.min(graph.shape.contextTokens, options.contextTokens ?? Number.POSITIVE_INFINITY)
  return {
    contextTokens,
    async open(prompts) {
      const longest = Math.max(prompts.with.length, prompts.without.length)
      if (longest >= contextTokens) throw contextExceeded(longest, contextTokens)
      return openContinuation(await engine.use(model), prompts, contextTokens - longest)
    },
    close: () => engine.release(model),
  }
}

// Numbers need only differ within a worker, and every worker is asked from this thread
let continuations = 0

const openContinuation = async (
  { link, model }: ModelLink,
  prompts: LocalPrompts,
  roomTokens: number,
): Promise<LocalContinuation> => {
  const continuation = ++continuations
  const root = 0
  const close = () => link.tell({ type: 'pair-close', continuation })
  const opened = await link.ask(
    {
      type: 'pair-open',
      model,
      continuation,
      root,
      with: Int32Array.from(prompts.with),
      without: Int32Array.from(prompts.without),
      strength: prompts.strength,
    },
    { answer: 'pair-opened', signal: prompts.signal, onLate: close },
  )
  let rows = root
  const feed = async (from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> => {
    if (from.depth + tokens.length > roomTokens) throw contextExceeded(from.depth + tokens.length, roomTokens)
    const firstRow = rows + 1
    rows += tokens.length
    const fed = await link.ask(
      {
        type: 'pair-feed',
        continuation,
        from: rowNumber(from),
        tokens: Int32Array.from(tokens),
        firstRow,
      },
      { answer: 'pair-fed' },
    )
    const computed: LocalRow[] = []
    for (const part of fed.rows)
      for (let index = 0; index < part.count; index++) {
        const place = { row: firstRow + computed.length, depth: from.depth + computed.length + 1 }
        computed.push(new ComputedRow(part, index, place))
      }
    return computed
  }
  const feedTree = async (tree: readonly TreeToken[]): Promise<LocalRow[]> => {
    const fed: LocalRow[] = []
    for (const { parent, token } of tree) {
      const from = typeof parent === 'number' ? (fed[parent] as LocalRow) : parent
      fed.push(...(await feed(from, [token])))
    }
    return fed
  }
  return {
    root: new ComputedRow(opened.root, 0, { row: root, depth: 0 }),
    prefill: { cachedTokens: opened.cachedTokens, computedTokens: opened.computedTokens },
    feed(from, tokens) {
      const rows = feed(from, tokens)
      // A look ahead that nobody waits for any more may fail unseen
      rows.catch(() => {})
      return rows
    },
    feedTree(tree) {
      const rows = feedTree(tree)
      rows.catch(() => {})
      return rows
    },
    retain: (row) => link.tell({ type: 'pair-retain', continuation, row: rowNumber(row) }),
    close,
  }
}

const rowNumber = (row: LocalRow): number => {
  if (!(row instanceof ComputedRow)) throw new TypeError('the row belongs to another pair')
  return row.row
}

const contextExceeded = (tokens: number, limit: number): GatewayError =>
  new GatewayError(
    'context_length_exceeded',
    `${tokens} tokens do not fit the ${limit} that the local model's window has left. Shorten the conversation or the profile.`,
  )
