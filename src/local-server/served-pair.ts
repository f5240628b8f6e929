import { GatewayError } from '../gateway-error.ts'
import type {
  LocalContinuation,
  LocalPair,
  LocalPasses,
  LocalPrompts,
  LocalRow,
  TreeToken,
} from '../steer/local-pair.ts'
import { tokenChain } from '../steer/token-chain.ts'
import type { TokenId } from '../steer/token-id.ts'
import { ListTables } from './list-tables.ts'
import { ListedRow } from './listed-row.ts'
import type { OfStreams } from './of-streams.ts'
import type { PairServer, StreamStep } from './pair-server.ts'
import { type SlotPair, SlotPairs } from './slot-pairs.ts'

export interface ServedPairOptions {
  readonly server: PairServer
  readonly slots: number
  /** Of each slot. */
  readonly contextTokens: number
  readonly vocabularySize: number
  /** Whether a slot goes back to an earlier token without computing much anew. */
  readonly goesBack: boolean
}

/** The local pair on a server that computes a token at a time; closing it leaves connections open. */
export function servedPair(options: ServedPairOptions): LocalPair {
  const { server, slots, goesBack } = options
  const pairs = new SlotPairs(slots)
  const tables = new ListTables(options.vocabularySize)
  // The server wants room for the token that it is made to write.
  const contextTokens = options.contextTokens - 1
  const passes: LocalPasses = { tokens: 1, guesses: goesBack }
  return {
    contextTokens,
    passes,
    async open(prompts) {
      const longest = Math.max(prompts.with.length, prompts.without.length)
      if (longest > contextTokens) throw contextExceeded(longest, contextTokens)
      const taken = await pairs.take(prompts, prompts.signal)
      try {
        const root = await server.pinned(prompts, taken.slots, prompts.signal)
        taken.holds(prompts)
        const roomTokens = contextTokens - longest
        return new ServedContinuation({ server, tables, taken, prompts, root, roomTokens })
      } catch (failure) {
        taken.release()
        throw failure
      }
    },
    async close() {},
  }
}

interface ContinuationParts {
  readonly server: PairServer
  readonly tables: ListTables
  readonly taken: SlotPair
  readonly prompts: LocalPrompts
  readonly root: OfStreams<StreamStep>
  /** Tokens that fit behind the longer prompt. */
  readonly roomTokens: number
}

/** Every request holds the whole of both streams, so that a server that was restarted just goes on. */
class ServedContinuation implements LocalContinuation {
  readonly root: ServedRow
  readonly prefill: LocalContinuation['prefill']
  readonly #parts: ContinuationParts
  readonly #closing = new AbortController()
  /** Settles, and never rejects, when all that was fed before is computed. */
  #fed: Promise<unknown> = Promise.resolve()
  /** A stream was computed in another slot than its own. */
  #isAstray = false

  constructor(parts: ContinuationParts) {
    this.#parts = parts
    this.root = this.#row(parts.root, [])
    const { with: withProfile, without } = parts.prompts
    const computedTokens = parts.root.with.computedTokens + parts.root.without.computedTokens
    const cachedTokens = withProfile.length + without.length - computedTokens
    this.prefill = { cachedTokens, computedTokens }
  }

  feed(from: LocalRow, tokens: readonly TokenId[]): Promise<LocalRow[]> {
    return this.feedTree(tokenChain(from, tokens))
  }

  feedTree(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const rows = this.#fed.then(() => this.#feed(tokens))
    // A look ahead that nobody waits for any more may fail unseen.
    this.#fed = rows.catch(() => {})
    return rows
  }

  /** The server keeps one path anyway. */
  retain(): void {}

  close(): void {
    this.#closing.abort()
    this.#parts.taken.release()
  }

  async #feed(tokens: readonly TreeToken[]): Promise<LocalRow[]> {
    const rows: ServedRow[] = []
    for (const { parent, token } of tokens) {
      const above = typeof parent === 'number' ? rows[parent] : parent
      if (!(above instanceof ServedRow)) throw new TypeError('the row belongs to another pair')
      const path = [...above.path, token]
      if (path.length > this.#parts.roomTokens) throw contextExceeded(path.length, this.#parts.roomTokens)
      rows.push(this.#row(await this.#step(path), path))
    }
    return rows
  }

  async #step(path: readonly TokenId[]): Promise<OfStreams<StreamStep>> {
    const { server, taken, prompts } = this.#parts
    const { signal } = this.#closing
    signal.throwIfAborted()
    const streams = { with: [...prompts.with, ...path], without: [...prompts.without, ...path] }
    const step = this.#isAstray
      ? await server.pinned(streams, taken.slots, signal)
      : await server.together(streams, signal)
    this.#isAstray =
      isElsewhere(step.with, taken.slots.with) || isElsewhere(step.without, taken.slots.without)
    taken.holds(streams)
    return step
  }

  #row(step: OfStreams<StreamStep>, path: readonly TokenId[]): ServedRow {
    const { tables, prompts } = this.#parts
    return new ServedRow(step, { path, strength: prompts.strength, tables })
  }
}

class ServedRow extends ListedRow {
  /** The tokens behind the prompts that lead here. */
  readonly path: readonly TokenId[]

  constructor(
    step: OfStreams<StreamStep>,
    { path, ...rest }: { path: readonly TokenId[]; strength: number; tables: ListTables },
  ) {
    const lists = { with: step.with.distribution, without: step.without.distribution }
    super(lists, { ...rest, depth: path.length })
    this.path = path
  }
}

function isElsewhere({ slot }: StreamStep, own: number): boolean {
  return slot !== null && slot !== own
}

function contextExceeded(tokens: number, limit: number): GatewayError {
  return new GatewayError(
    'context_length_exceeded',
    `${tokens} tokens do not fit the ${limit} that a slot of the local model's server has left. Shorten the conversation or the profile, or give the server a larger context.`,
  )
}
