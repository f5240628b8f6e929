// Worker: what runs inside the worker thread. This room owns the models that are loaded there, and the order
// in which their work is done. It must not know the main thread but by the protocol's messages.

import { collectGarbage } from '../../collect-garbage.ts'
import { MisuseError } from '../engine/misuse-error.ts'
import type { EngineUsage, FromWorker, ToWorker } from '../engine/worker-protocol.ts'
import { PairState } from '../pair/pair-state.ts'
import { ScoreJob } from '../scorer/score-job.ts'
import { StreamJob } from '../scorer/stream-job.ts'
import { type Job, JobQueue } from './job-queue.ts'
import { type LoadedModel, LoadedModels } from './loaded-models.ts'
import { StreamRun } from './stream-run.ts'

interface Continuation {
  readonly model: number
  readonly state: PairState
}

type Message<Type extends ToWorker['type']> = Extract<ToWorker, { type: Type }>

/** The worker's side of the protocol: models, continuations and the queue of what to compute next. */
export class EngineHost {
  readonly #post: (message: FromWorker) => void
  readonly #onEnd: () => void
  readonly #queue = new JobQueue()
  readonly #models = new LoadedModels()
  readonly #continuations = new Map<number, Continuation>()
  readonly #streams = new Map<number, StreamRun>()
  /** Requests under way, and whether somebody still waits for them. */
  readonly #wanted = new Map<number, boolean>()

  constructor({ post, onEnd }: { post: (message: FromWorker) => void; onEnd: () => void }) {
    this.#post = post
    this.#onEnd = onEnd
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'model-load':
        this.#once(message.request, () => this.#load(message))
        break
      case 'model-release':
        this.#once(message.request, () => this.#release(message))
        break
      case 'pair-open':
        this.#open(message)
        break
      case 'pair-feed':
        this.#once(message.request, () => this.#feed(message), this.#shares(message))
        break
      case 'pair-retain':
        this.#retain(message)
        break
      case 'pair-close':
        this.#close(message)
        break
      case 'kept-renew':
        this.#tidy(() => this.#models.keptFolder(message.model)?.renew(message.owner))
        break
      case 'kept-trim':
        this.#tidy(() => this.#models.keptFolder(message.model)?.trim(message.owners))
        break
      case 'rows-free':
        break
      case 'score':
        this.#score(message)
        break
      case 'stream':
        this.#stream(message)
        break
      case 'stream-pull':
        this.#streams.get(message.request)?.pull()
        break
      case 'usage':
        this.#post({ type: 'usage-told', request: message.request, usage: this.#usage() })
        break
      case 'garbage-collect':
        this.#tidy(collectGarbage)
        break
      case 'worker-end':
        void this.#end()
        break
      case 'request-abort':
        if (this.#wanted.has(message.request)) this.#wanted.set(message.request, false)
        this.#streams.get(message.request)?.abort()
        break
      default:
        message satisfies never
    }
  }

  /** Runs `work` as one step of an answer, and answers with its result or failure. */
  #once(request: number, work: () => Promise<FromWorker>, sharing: Pick<Job, 'shares'> = {}): void {
    this.#wanted.set(request, true)
    this.#queue.add({
      isBackground: false,
      ...sharing,
      step: async () => {
        try {
          this.#post(this.#wanted.get(request) ? await work() : { type: 'request-dropped', request })
        } catch (error) {
          this.#fail(request, error)
        }
        this.#wanted.delete(request)
        return true
      },
    })
  }

  /**
   * Runs `step` until it says that it is done or nobody waits any more, in the background while `isReading`;
   * `end` follows in any case.
   */
  #repeat(request: number, job: { isReading(): boolean; step(): Promise<boolean>; end?(): void }): void {
    this.#wanted.set(request, true)
    this.#queue.add({
      get isBackground() {
        return job.isReading()
      },
      step: async () => {
        let done = true
        try {
          if (this.#wanted.get(request)) done = await job.step()
          else this.#post({ type: 'request-dropped', request })
        } catch (error) {
          this.#fail(request, error)
        }
        if (!done) return false
        this.#wanted.delete(request)
        job.end?.()
        return true
      },
    })
  }

  /** Rows of the next chunk of a prompt; `own` streams do not wait for it. In a crowd nobody goes ahead. */
  #chunkRows({ pace }: LoadedModel, own: 0 | 1 = 0): number {
    return pace.rows(this.#continuations.size + this.#streams.size > own && !this.#queue.isCrowded)
  }

  #fail(request: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const kind = error instanceof MisuseError ? 'misuse' : 'failure'
    this.#post({ type: 'request-failed', request, kind, message })
  }

  async #load({ request, model, settings }: Message<'model-load'>): Promise<FromWorker> {
    await this.#models.load(model, settings)
    return { type: 'model-loaded', request }
  }

  async #release({ request, model }: Message<'model-release'>): Promise<FromWorker> {
    for (const [key, continuation] of this.#continuations) {
      if (continuation.model !== model) continue
      this.#continuations.delete(key)
      continuation.state.release()
    }
    await this.#models.release(model)
    return { type: 'model-released', request }
  }

  #open({ request, model, continuation, strength, root, ...prompts }: Message<'pair-open'>): void {
    let state: PairState | null = null
    const step = async (): Promise<boolean> => {
      const loaded = this.#models.get(model, 'pair')
      state ??= new PairState(loaded.decoder, loaded.prefixes, {
        prompts: [prompts.with, prompts.without],
        strength,
        root,
        recent: loaded.recent,
      })
      const rows = await state.prefillStep(this.#chunkRows(loaded))
      if (!rows) {
        this.#post({ type: 'pair-reading', request, share: state.readShare })
        return false
      }
      const { cachedTokens, keptTokens, computedTokens } = state
      this.#continuations.set(continuation, { model, state })
      this.#post({ type: 'pair-opened', request, root: rows, cachedTokens, keptTokens, computedTokens })
      return true
    }
    const end = () => {
      if (!this.#continuations.has(continuation)) state?.release()
    }
    this.#repeat(request, { isReading: () => true, step, end })
  }

  #shares({ continuation }: Message<'pair-feed'>): Pick<Job, 'shares'> {
    const model = this.#continuations.get(continuation)?.model
    return model === undefined ? {} : { shares: { model, continuation } }
  }

  async #feed(message: Message<'pair-feed'>): Promise<FromWorker> {
    const { request, tokens, parents, firstRow } = message
    const open = this.#continuations.get(message.continuation)
    if (!open) throw new MisuseError('the continuation is closed')
    return { type: 'pair-fed', request, parts: await open.state.feed(tokens, parents, firstRow) }
  }

  /** In turn with the feeds, so that one that was posted earlier still finds its row. */
  #retain({ continuation, row }: Message<'pair-retain'>): void {
    this.#queue.add({
      isBackground: false,
      step: async () => {
        this.#continuations.get(continuation)?.state.retain(row)
        return true
      },
    })
  }

  #close({ continuation, keepFor }: Message<'pair-close'>): void {
    const open = this.#continuations.get(continuation)
    this.#continuations.delete(continuation)
    if (!open) return
    this.#tidy(() => {
      open.state.keepPrefixes()
      if (keepFor !== null) open.state.keepFor(keepFor)
      open.state.release()
    })
  }

  /** In the background, in turn with whatever else tidies up. */
  #tidy(work: () => void): void {
    this.#queue.add({
      isBackground: true,
      step: async () => {
        work()
        return true
      },
    })
  }

  async #end(): Promise<void> {
    await this.#queue.end()
    await this.#models.endKeeping()
    this.#onEnd()
  }

  #score({ request, model, prefixes, candidates }: Message<'score'>): void {
    let job: ScoreJob | null = null
    const begun = (): ScoreJob => {
      const { decoder, slots, recent } = this.#models.get(model, 'logits')
      job ??= new ScoreJob(decoder, slots, { prefixes, candidates, recent })
      return job
    }
    const isReading = () => this.#models.has(model) && begun().isReading
    const step = async (): Promise<boolean> => {
      const positions = await begun().step(this.#chunkRows(this.#models.get(model, 'logits')))
      if (positions) this.#post({ type: 'scored', request, positions })
      return positions !== null
    }
    this.#repeat(request, { isReading, step, end: () => job?.release() })
  }

  #stream(message: Message<'stream'>): void {
    const { request } = message
    const run = new StreamRun({
      start: () => {
        const { decoder, slots } = this.#models.get(message.model, 'logits')
        return new StreamJob(decoder, slots, message)
      },
      step: (job) => job.step(this.#chunkRows(this.#models.get(message.model, 'logits'), 1)),
      onToken: (token, position) => this.#post({ type: 'stream-token', request, token, position }),
      onEnd: (error) => {
        this.#streams.delete(request)
        if (error) this.#fail(request, error)
        else this.#post({ type: 'stream-ended', request })
      },
      resume: () => this.#queue.add(run),
    })
    this.#streams.set(request, run)
    this.#queue.add(run)
  }

  #usage(): EngineUsage {
    const models = this.#models.all()
    const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
    return {
      continuations: this.#continuations.size,
      streams: this.#streams.size,
      requests: this.#wanted.size,
      cacheBytes: sum(models.map(({ prefixes }) => prefixes.bytes)),
      runningBytes: sum([...this.#continuations.values()].map(({ state }) => state.bytes)),
      sequenceBytes: sum(models.map((model) => (model.kind === 'logits' ? model.slots.bytes : 0))),
    }
  }
}
