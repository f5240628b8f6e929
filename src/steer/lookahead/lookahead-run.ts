import { GatewayError } from '../../gateway-error.ts'
import { continuesUnsteered } from '../decoding/continues-unsteered.ts'
import type { DecodeOptions } from '../decoding/decode.ts'
import type { LocalPlace } from '../decoding/local-place.ts'
import type { TracedSpan } from '../decoding/token-trace.ts'
import type { Distribution } from '../distribution.ts'
import type { LocalContinuation, LocalRow } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'
import type { DraftNode } from './drafts/draft-node.ts'
import { type LookaheadSettings, plannerSettings } from './lookahead-settings.ts'
import { Mailbox } from './mailbox.ts'
import { Planner } from './planning/planner.ts'
import type { PlannerAction, PlannerEvent } from './planning/planner-events.ts'
import type { ThrottleState } from './planning/speculation-throttle.ts'
import { isRefusal, type QueryEvent, QueryRunner, withoutError } from './query-runner.ts'
import { type RecordedEvent, recorded } from './recorded-event.ts'
import { RunRows } from './run-rows.ts'

type Arrival =
  | QueryEvent
  | { readonly type: 'start-computed'; readonly atMs: number; readonly start: LocalPlace }
  | { readonly type: 'rows-fed'; readonly atMs: number; readonly rows: readonly LocalRow[] }
  | { readonly type: 'feed-failed'; readonly error: unknown }

/** A position that has everything it takes to select its token. */
export interface ReadyPosition {
  readonly distribution: Distribution
  readonly row: LocalRow
  /** The forward pass that gave the row; null for the prompts' own when they were computed before. */
  readonly rowSpan: TracedSpan | null
  readonly answerSpan: TracedSpan
}

interface PassTiming {
  readonly atMs: number
  /** The forward pass; null when the prompts were computed before the answer began. */
  readonly span: TracedSpan | null
}

export interface LookaheadRunOptions {
  readonly decode: DecodeOptions
  /** The answer's tokens so far, as the upstream reads them. */
  readonly publicTokens: readonly TokenId[]
  /** How many it has, as the client reads them. */
  readonly position: number
  /** Whether the local pair reads what the upstream must not: then no guess of its goes there. */
  readonly hidesGuesses: boolean
  /** The local row behind them; a promise is one that is still computed. */
  readonly start: LocalPlace | Promise<LocalPlace>
  readonly lookahead: LookaheadSettings
  readonly record: ((event: RecordedEvent) => void) | null
}

/** Carries out what the planner decides for an answer or for a part of it, and tells it what came of it. */
export class LookaheadRun {
  readonly #options: LookaheadRunOptions
  readonly #planner: Planner
  readonly #mailbox = new Mailbox<Arrival>()
  readonly #queries: QueryRunner
  readonly #rows = new RunRows()
  readonly #wake = () => this.#mailbox.wake()
  readonly #beganMs: number
  /** Null until the start is computed. */
  #local: LocalContinuation | null = null
  /** The row of the last settled position, from which the root's row is fed. */
  #settledRow: LocalRow | null = null
  /**
   * The last query that was in flight all by itself once it was sent: no guess beside it can make it fail.
   */
  #sentAlone: number | null = null
  /** The local pass that runs; it settles, and never rejects, at its end. */
  #pass: Promise<unknown> = Promise.resolve()
  #localFailure: { readonly error: unknown } | null = null
  #planned = false
  #mostTold: number
  #judgedFromMs: number | null = null

  constructor(options: LookaheadRunOptions) {
    this.#options = options
    const { decode, publicTokens, position, start, lookahead } = options
    this.#planner = new Planner(plannerSettings(decode, lookahead, { publicTokens, position }))
    this.#queries = new QueryRunner(decode, this.#mailbox)
    this.#beganMs = this.#now()
    this.#mostTold = lookahead.maxInFlight
    if (start instanceof Promise) this.#opens(start)
    else this.#takeStart(start, { atMs: this.#beganMs, span: null })
    decode.signal.addEventListener('abort', this.#wake)
  }

  /** Queries in flight. */
  get inFlight(): number {
    return this.#planner.inFlight
  }

  /** Whether guesses are left out, since they slowed the answer down. */
  get throttled(): boolean {
    return this.#planner.throttled
  }

  /** What the next answer should know of this one's guesses. */
  get throttle(): ThrottleState {
    return this.#planner.throttle
  }

  /** Tokens guessed for the next position that were in flight before it was settled. */
  get drafts(): TokenId[] {
    const guesses = [...this.#planner.root.children]
    return guesses.flatMap(({ asked, token }) => (asked && token !== null ? [token] : []))
  }

  /**
   * The next position once its row and its distribution are there; null when the local model has failed
   * before it, or steering may cost no more.
   */
  async ready(): Promise<ReadyPosition | null> {
    for (;;) {
      this.#options.decode.signal.throwIfAborted()
      this.#takeArrivals()
      const ready = this.#readyRoot()
      if (ready !== null) return ready
      if (this.#localFailure !== null && this.#rows.of(this.#planner.root) === undefined)
        return this.#withoutLocal()
      if (this.#mayAsk() === 0) return null
      this.#plan()
      await this.#mailbox.arrival()
    }
  }

  /** Settles the position of `row`: drops the local rows that are neither it, nor above or below it. */
  retain(row: LocalRow): void {
    this.#settledRow = row
    this.#local?.retain(row)
  }

  /** Goes on behind `token`: cancels what it made useless and looks further ahead. */
  emit(token: TokenId): void {
    const atMs = this.#now()
    this.#tell({ type: 'token-emitted', atMs, token, judgedMs: atMs - (this.#judgedFromMs ?? atMs) })
    this.#judgedFromMs = null
    this.#takeArrivals()
    const known = this.#rows.handOn(this.#planner.root, token)
    if (known !== undefined) {
      this.#tell({ type: 'row-known', atMs: this.#now(), guesses: this.#guessesOf(known.row) })
    }
    this.#plan()
  }

  /**
   * The local pair at the last position that was settled, once it computes nothing for this run any more.
   * Only for a run that has been `ready`.
   */
  async settledPlace(): Promise<LocalPlace> {
    await this.#pass
    return { local: this.#local as LocalContinuation, row: this.#settledRow as LocalRow }
  }

  /** The rows behind tokens for the next position, of which those are computed now that were no guesses. */
  async rowsBehind(tokens: readonly TokenId[]): Promise<ReadonlyMap<TokenId, LocalRow>> {
    const { root } = this.#planner
    const now = () => this.#now()
    this.#judgedFromMs ??= now()
    if (tokens.some((token) => root.find(token)?.row === 'fed')) await this.#pass
    this.#takeArrivals()
    return this.#rows.behind(root, tokens, { place: () => this.settledPlace(), now })
  }

  /** Cancels whatever is in flight. */
  stop(): void {
    this.#queries.cancelAll()
    this.#options.decode.signal.removeEventListener('abort', this.#wake)
  }

  #now(): number {
    return this.#options.decode.clock.now()
  }

  #mayAsk(): number {
    const { atOnce, maxInFlight } = this.#options.lookahead
    return Math.min(maxInFlight, atOnce?.() ?? maxInFlight)
  }

  #guessesOf(row: LocalRow) {
    if (this.#options.hidesGuesses) return []
    return this.#options.lookahead.drafts === 'private' ? row.privateGuesses : row.publicGuesses
  }

  #readyRoot(): ReadyPosition | null {
    const { root } = this.#planner
    const computed = this.#rows.of(root)
    const { distribution, answerSpan } = root
    if (computed === undefined || distribution === null || answerSpan === null) return null
    return { distribution, row: computed.row, rowSpan: computed.span, answerSpan }
  }

  #withoutLocal(): null {
    const error = this.#localFailure?.error
    if (!continuesUnsteered(error, this.#options.decode.steering)) throw error
    return null
  }

  #opens(opening: Promise<LocalPlace>): void {
    opening.then(
      (start) => this.#mailbox.put({ type: 'start-computed', atMs: this.#now(), start }),
      (error: unknown) => this.#mailbox.put({ type: 'feed-failed', error }),
    )
  }

  #tell(event: PlannerEvent): void {
    this.#options.record?.(recorded(event))
    this.#planner.observe(event)
    this.#planned = false
  }

  #plan(): void {
    const most = this.#mayAsk()
    if (most === 0) return
    if (most !== this.#mostTold) this.#tell({ type: 'limit-told', atMs: this.#now(), most })
    this.#mostTold = most
    if (this.#planned) return
    this.#planned = true
    const atMs = this.#now()
    this.#options.record?.({ type: 'planned', atMs })
    for (const action of this.#planner.plan(atMs)) this.#carryOut(action)
  }

  #carryOut(action: PlannerAction): void {
    switch (action.type) {
      case 'send-query':
        if (this.#planner.inFlight === 1) this.#sentAlone = action.query
        this.#queries.send(action)
        return
      case 'cancel-query':
        this.#queries.cancel(action.query)
        return
      case 'feed-tree':
        this.#feed(action.nodes)
        return
      default:
        action satisfies never
    }
  }

  #feed(nodes: readonly DraftNode[]): void {
    const indices = new Map(nodes.map((node, index) => [node, index]))
    const tree = nodes.map(({ parent, token }) => ({
      parent: this.#parentRow(parent, indices),
      token: token as TokenId,
    }))
    // The planner feeds nothing before the start is computed
    const local = this.#local as LocalContinuation
    this.#pass = local.feedTree(tree).then(
      (rows) => this.#mailbox.put({ type: 'rows-fed', atMs: this.#now(), rows }),
      (error: unknown) => this.#mailbox.put({ type: 'feed-failed', error }),
    )
  }

  #parentRow(parent: DraftNode | null, fed: ReadonlyMap<DraftNode, number>): LocalRow | number {
    const row = parent === null ? undefined : (fed.get(parent) ?? this.#rows.of(parent)?.row)
    return row ?? (this.#settledRow as LocalRow)
  }

  #takeArrivals(): void {
    for (const arrival of this.#mailbox.takeAll()) {
      if (arrival.type === 'feed-failed') this.#localFailure = arrival
      else if (arrival.type === 'start-computed') {
        const { start, atMs } = arrival
        this.#takeStart(start, { atMs, span: { startMs: this.#beganMs, endMs: atMs } })
      } else if (arrival.type === 'rows-fed') {
        const { rows, atMs } = arrival
        this.#takeRows(rows, { atMs, span: { startMs: this.#planner.feeding?.startMs ?? atMs, endMs: atMs } })
      } else this.#takeQueryEvent(arrival)
    }
  }

  #takeStart({ local, row }: LocalPlace, timing: PassTiming): void {
    this.#local = local
    this.#settledRow = row
    this.#takeRows([row], timing)
  }

  #takeRows(rows: readonly LocalRow[], { atMs, span }: PassTiming): void {
    const nodes = this.#planner.feeding?.nodes ?? []
    for (const [index, node] of nodes.entries()) this.#rows.set(node, { row: rows[index] as LocalRow, span })
    this.#tell({ type: 'rows-computed', atMs, guesses: rows.map((row) => this.#guessesOf(row)) })
  }

  #takeQueryEvent(event: QueryEvent): void {
    if (!this.#queries.accepts(event)) return
    if (event.type !== 'step-answered' && this.#planner.isAwaited(event.query)) {
      if (event.type === 'query-ended') throw emptyStream()
      if (this.#sentAlone === event.query || !isRefusal(event.error)) throw event.error
    }
    this.#tell(withoutError(event))
  }
}

function emptyStream() {
  const message = 'The upstream ended a continuation before its first token.'
  return new GatewayError('upstream_invalid_reply', message)
}
