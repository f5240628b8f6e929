import type { AnswerChannels } from '../channels/answer-channels.ts'
import { AnswerProgress } from '../channels/answer-progress.ts'
import type { DecodeGuard } from '../guard/decode-guard.ts'
import type { Guess } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'
import type { StreamedToken } from '../upstream.ts'
import { Planner } from './planning/planner.ts'
import type { PlannerAction } from './planning/planner-events.ts'
import type { PlannerSettings } from './planning/planner-settings.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** Recomputes what the planner was told, from public text alone. */
interface PublicModels {
  /** The guesses of a local row in which `answer` follows the prompts. */
  guesses(answer: readonly TokenId[]): Promise<readonly Guess[]>
  /** The upstream's next step behind `prefix`: its distribution and its greedy choice. */
  step(prefix: readonly TokenId[]): Promise<StreamedToken>
}

export interface ReplayOptions {
  /** Of the whole answer: nothing is emitted yet. */
  readonly settings: PlannerSettings
  readonly channels: AnswerChannels | null
  /** Which texts have which aliases. */
  readonly guard?: DecodeGuard | null
  /** The answer's tokens, as the client reads them. */
  readonly emitted: readonly TokenId[]
  readonly events: readonly RecordedEvent[]
  readonly models: PublicModels
}

/** What an upstream saw of the planner. */
export type ReplayedQuery =
  | {
      readonly type: 'send-query'
      readonly query: number
      readonly prefix: readonly TokenId[]
      readonly maxTokens: number
    }
  | { readonly type: 'cancel-query'; readonly query: number }

/**
 * Reproduces the queries of an answer with `drafts: public` from the public prompt, the
 * emitted tokens and the recorded clock. That it can is the proof that nothing else
 * decided them. Throws when the recording does not fit.
 */
export async function replayQueries(options: ReplayOptions): Promise<ReplayedQuery[]> {
  const replay = new Replay(options)
  for (const event of options.events) await replay.take(event)
  return replay.queries
}

class Replay {
  readonly queries: ReplayedQuery[] = []
  readonly #options: ReplayOptions
  readonly #progress: AnswerProgress
  #planner: Planner
  /** The sequence that each query's next step continues. */
  readonly #prefixes = new Map<number, TokenId[]>()
  /** What the local model has read of the answer. */
  readonly #read: TokenId[] = []
  /** The answers up to each row that is being computed. */
  #fed: readonly (readonly TokenId[])[] = [[]]
  /** Since the run began. */
  #hidesGuesses = false

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#planner = new Planner(options.settings)
    this.#progress = new AnswerProgress(options.settings.prompt, options.channels, options.guard)
  }

  async take(event: RecordedEvent): Promise<void> {
    const { models } = this.#options
    switch (event.type) {
      case 'run-began':
        this.#beginRun()
        return
      case 'run-ended':
        this.#emit()
        return
      case 'stretch-began':
        this.#stream()
        return
      case 'stretch-ended':
        for (let token = 0; token < event.tokens; token++) this.#emit()
        return
      case 'planned':
        for (const action of this.#planner.plan(event.atMs)) this.#carryOut(action)
        return
      case 'rows-computed': {
        const guesses = await Promise.all(
          this.#fed.map((answer) => (this.#hidesGuesses ? [] : models.guesses(answer))),
        )
        this.#planner.observe({ ...event, guesses })
        return
      }
      case 'row-known': {
        // Of the token that was emitted last
        const guesses = this.#hidesGuesses ? [] : await models.guesses([...this.#read])
        this.#planner.observe({ ...event, guesses })
        return
      }
      case 'step-answered': {
        const prefix = this.#prefixes.get(event.query)
        if (prefix === undefined) throw new RangeError('the recording answers a query that was not sent')
        const step = await models.step([...prefix])
        prefix.push(step.token)
        this.#planner.observe({ ...event, step })
        return
      }
      case 'token-emitted': {
        const token = this.#emit()
        this.#planner.observe({ ...event, token })
        return
      }
      case 'query-ended':
      case 'query-failed':
      case 'limit-told':
        this.#planner.observe(event)
        return
      default:
        event satisfies never
    }
  }

  #beginRun(): void {
    const { settings } = this.#options
    const { throttle } = this.#planner
    const { publicTokens, position, differs } = this.#progress
    this.#planner = new Planner({ ...settings, publicTokens, position, throttle })
    this.#hidesGuesses = differs
    this.#prefixes.clear()
    this.#fed = [[...this.#read]]
  }

  /** The one stream of what nobody steers. */
  #stream(): void {
    const { prefix, position, publicLength } = this.#progress
    const { maxTokens: most, contextTokens } = this.#options.settings
    const maxTokens = Math.min(most - position, contextTokens - publicLength)
    this.queries.push({ type: 'send-query', query: 0, prefix: [...prefix], maxTokens })
  }

  #emit(): TokenId {
    const token = this.#options.emitted[this.#progress.position]
    if (token === undefined) throw new RangeError('the recording emits more tokens than the answer has')
    this.#progress.take(token)
    this.#read.push(...this.#progress.read())
    return token
  }

  #carryOut(action: PlannerAction): void {
    if (action.type === 'feed-tree') {
      const { position } = this.#progress
      this.#fed = action.nodes.map((node) => [...this.#read, ...node.pathFrom(position)])
      return
    }
    if (action.type === 'cancel-query') {
      this.queries.push(action)
      return
    }
    const { type, query, prefix, maxTokens } = action
    this.#prefixes.set(query, [...prefix])
    this.queries.push({ type, query, prefix, maxTokens })
  }
}
