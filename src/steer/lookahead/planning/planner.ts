// Planning: what to ask, compute and cancel next. This room owns the queries in flight and their heads,
// latency estimates and the speculation throttle. It must not call a model, read a clock or see a delta: its
// decisions are a function of what it is told.

import type { TokenId } from '../../token-id.ts'
import { DraftNode } from '../drafts/draft-node.ts'
import { GuessOdds } from '../drafts/guess-odds.ts'
import { chooseFeed } from './feed-choice.ts'
import { forecastTree } from './forecast.ts'
import { InFlightQueries } from './in-flight-queries.ts'
import { LatencyEstimates } from './latency-estimates.ts'
import type { PlannerAction, PlannerEvent } from './planner-events.ts'
import { endOf, type PlannerSettings } from './planner-settings.ts'
import { queryGain, queryWorth } from './query-gain.ts'
import { SpeculationThrottle, type ThrottleState } from './speculation-throttle.ts'

/** Nodes fed at once. */
const LARGEST_PASS = 8
/** Queries expected to save less than this share of their duration are cancelled. */
const CANCELLED_GAIN = 0.001
/** A query makes room for another one that is worth this many times as much. */
const CHANGE_FACTOR = 1.3
/** Rows less likely to be needed than this are not computed: they cost cores and hardly ever pay. */
const LEAST_FED_REACH = 0.06
const LEAST_FED_REACH_THROTTLED = 0.5

/** The nodes whose rows are being computed, in the order in which the rows will come. */
export interface FedNodes {
  readonly nodes: readonly DraftNode[]
  /** Null while the prompts themselves are computed: nobody knows how long that takes. */
  readonly startMs: number | null
  /** Queries that were in flight then. */
  readonly besides: number
}

/**
 * Decides which positions to ask the upstream for, which to cancel, and what the local engine computes next.
 * A pure state machine: its decisions are a function of its settings and of the events and times it was
 * given.
 */
export class Planner {
  readonly #settings: PlannerSettings
  readonly #latency = new LatencyEstimates()
  readonly #odds: GuessOdds
  readonly #queries: InFlightQueries
  readonly #throttle: SpeculationThrottle
  readonly #emitted: TokenId[]
  /** The depth at which the answer is as long as it may be. */
  readonly #end: number
  #root: DraftNode
  #feeding: FedNodes | null
  #plans = 0

  /** The first `rows-computed` event tells the guesses of the root row, which stands after the prompts. */
  constructor(settings: PlannerSettings) {
    this.#settings = settings
    this.#end = endOf(settings)
    this.#emitted = [...settings.publicTokens]
    this.#root = new DraftNode(null, null, settings.position)
    this.#odds = new GuessOdds([...settings.prompt, ...settings.publicTokens], settings.sampling)
    this.#queries = new InFlightQueries(settings.maxInFlight, this.#latency)
    this.#throttle = new SpeculationThrottle(settings.throttle)
    this.#root.row = 'fed'
    this.#feeding = { nodes: [this.#root], startMs: null, besides: 0 }
  }

  /** The first position whose token is not emitted. */
  get root(): DraftNode {
    return this.#root
  }

  get throttled(): boolean {
    return this.#throttle.throttled
  }

  /** What the next answer should know of this one's guesses. */
  get throttle(): ThrottleState {
    return this.#throttle.state
  }

  get inFlight(): number {
    return this.#queries.size
  }

  /** What the local engine computes now; null while it is free. */
  get feeding(): FedNodes | null {
    return this.#feeding
  }

  /**
   * Whether the answer could not go on without the query when it was sent, and no step of it has come yet.
   */
  isAwaited(query: number): boolean {
    return this.#queries.isAwaited(query)
  }

  observe(event: PlannerEvent): void {
    switch (event.type) {
      case 'rows-computed':
        this.#takeRows(event.guesses, event.atMs)
        return
      case 'row-known':
        this.#root.taken(event.guesses)
        return
      case 'step-answered':
        this.#takeStep(event)
        return
      case 'query-ended':
        this.#queries.remove(event.query)
        return
      case 'query-failed':
        this.#queries.fail(event.query, event.atMs, event.retryAfterMs)
        return
      case 'token-emitted':
        this.#odds.learn(this.#root, event.token)
        this.#throttle.emitted(event, this.#latency.quickestAnswerMs)
        this.#emitted.push(event.token)
        this.#root = this.#root.settle(event.token)
        return
      case 'limit-told':
        this.#queries.most = event.most
        return
      default:
        event satisfies never
    }
  }

  /** What to do at `nowMs`, in order. */
  plan(nowMs: number): PlannerAction[] {
    this.#throttle.waited(nowMs)
    const actions: PlannerAction[] = []
    const cancel = (query: number) => {
      this.#queries.remove(query)
      actions.push({ type: 'cancel-query', query })
    }
    for (const query of this.#queries.useless()) cancel(query.id)
    // A position that has everything is settled before anything else is worth deciding.
    if (this.#root.row === 'ready' && this.#root.distribution !== null) return actions
    const reachable = this.#forecast(nowMs)
    // A chain that is cut off and taken up again would be read again
    for (const query of this.#settings.isLinear ? [] : this.#queries.all()) {
      if (this.#worth(query) < CANCELLED_GAIN * this.#latency.firstAnswerMs) cancel(query.id)
    }
    while (this.#queries.size > (this.throttled ? 1 : this.#queries.most)) {
      const least = this.#queries.least(this.#worth)
      if (least !== null) cancel(least.query.id)
    }
    this.#planQueries(nowMs, { reachable, actions, cancel })
    this.#planFeed(nowMs, reachable, actions)
    return actions
  }

  #takeRows(guesses: readonly DraftNode['guesses'][], atMs: number): void {
    if (this.#feeding === null) return
    const { nodes, startMs, besides } = this.#feeding
    if (startMs !== null) this.#latency.fed(nodes.length, atMs - startMs, besides)
    if (this.#root.row === 'fed' && this.#root.distribution !== null) this.#latency.waited({ forRow: true })
    for (const [index, node] of nodes.entries()) node.taken(guesses[index] ?? [])
    this.#feeding = null
  }

  #takeStep({ query, step, atMs }: Extract<PlannerEvent, { type: 'step-answered' }>): void {
    const root = this.#root
    const isWaiting = root.row === 'ready' && root.distribution === null
    this.#queries.answer(query, step, atMs)
    if (isWaiting && root.distribution !== null) this.#latency.waited({ forRow: false })
  }

  #goesOn = (node: DraftNode): boolean =>
    node.depth < this.#end && (node.token === null || !this.#settings.endTokens.has(node.token))

  #forecast(nowMs: number): DraftNode[] {
    this.#plans++
    return forecastTree({
      root: this.#root,
      plan: this.#plans,
      nowMs,
      odds: this.#odds,
      latency: this.#latency,
      heads: this.#queries.heads(),
      engineFreeAtMs: this.#engineFreeAtMs(nowMs),
      goesOn: this.#goesOn,
    })
  }

  #engineFreeAtMs(nowMs: number): number {
    if (this.#feeding === null) return nowMs
    const { nodes, startMs } = this.#feeding
    return Math.max(nowMs, (startMs ?? nowMs) + this.#latency.feedMs(nodes.length))
  }

  #worth = (query: Parameters<typeof queryWorth>[0]): number =>
    query.head.forecast.plan === this.#plans ? queryWorth(query, this.#latency) : 0

  #planQueries(
    nowMs: number,
    {
      reachable,
      actions,
      cancel,
    }: { reachable: readonly DraftNode[]; actions: PlannerAction[]; cancel: (query: number) => void },
  ): void {
    const queries = this.#queries
    const limit = this.throttled ? 1 : queries.limit
    for (const { node, gain } of this.#wanted(nowMs, reachable)) {
      const needed = node === this.#root
      if (!needed && (this.#settings.isLinear || !queries.maySpeculate(nowMs) || !this.#parentAnswers(node)))
        continue
      const tokens = [...this.#settings.prompt, ...this.#emitted, ...node.pathFrom(this.#root.depth)]
      const prefix = this.#settings.publicly(tokens, needed)
      if (prefix === null) continue
      while (queries.size >= limit) {
        const least = queries.least(this.#worth)
        if (least === null || (!needed && gain <= CHANGE_FACTOR * least.worth)) return
        cancel(least.query.id)
      }
      const query = queries.send(node, { nowMs, maxTokens: this.#maxTokensAt(node) })
      actions.push({ type: 'send-query', query: query.id, node, prefix, maxTokens: query.left })
    }
  }

  /**
   * While the prompts are computed, a throttled upstream leaves them the cores once the first token is there.
   */
  #maxTokensAt({ depth }: DraftNode): number {
    if (this.throttled && (this.#settings.isLinear || this.#feeding?.startMs === null)) return 1
    return Math.min(this.#settings.maxTokensPerQuery, this.#end - depth)
  }

  /** Nodes worth a query of their own, most gain first. */
  #wanted(nowMs: number, reachable: readonly DraftNode[]): { node: DraftNode; gain: number }[] {
    const heads = this.#queries.heads()
    const latency = this.#latency
    const { firstAnswerMs, crowdingMs, delayMs } = latency
    const least = Math.max(this.#settings.leastGain * firstAnswerMs, crowdingMs, delayMs)
    const wanted: { node: DraftNode; gain: number }[] = []
    for (const node of reachable) {
      if (node.distribution !== null || heads.has(node)) continue
      const gain =
        node === this.#root
          ? Number.POSITIVE_INFINITY
          : queryGain(node, { nowMs, latency, guessRate: this.#odds.guessRate })
      if (gain > least) wanted.push({ node, gain })
    }
    return wanted.sort((a, b) => b.gain - a.gain || a.node.depth - b.node.depth)
  }

  /** An answer is of no use while its parent's is not even on the way. */
  #parentAnswers({ parent }: DraftNode): boolean {
    if (parent === null || parent.distribution !== null || this.#queries.heads().has(parent)) return true
    return (parent.forecast.coverage?.probability ?? 0) > 0.5
  }

  /** Only what is settled is needed for sure. */
  #leastFedReach(): number {
    if (this.#settings.localPasses?.guesses === false) return 1
    return this.throttled ? LEAST_FED_REACH_THROTTLED : LEAST_FED_REACH
  }

  #planFeed(nowMs: number, reachable: readonly DraftNode[], actions: PlannerAction[]): void {
    if (this.#feeding !== null) return
    const nodes = chooseFeed({
      root: this.#root,
      reachable,
      nowMs,
      latency: this.#latency,
      leastReach: this.#leastFedReach(),
      largestPass: this.#settings.localPasses?.tokens ?? LARGEST_PASS,
      rootAnswerAtMs: this.#queries.heads().get(this.#root)?.expectedAtMs ?? null,
    })
    if (nodes === null) return
    for (const node of nodes) {
      node.row = 'fed'
      node.asked = true
    }
    this.#feeding = { nodes, startMs: nowMs, besides: this.#queries.size }
    // Behind the queries: a pair that ends with the budget sees what these have cost
    actions.push({ type: 'feed-tree', nodes })
  }
}
