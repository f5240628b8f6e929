import type { ScoredPosition } from '../decoder/top-candidates.ts'
import type { StreamJob } from '../scorer/stream-job.ts'
import type { Job } from './job-queue.ts'

/** Tokens that a stream computes before its consumer has taken any. */
const LEAD_TOKENS = 8

interface StreamRunOptions {
  readonly start: () => StreamJob
  /** Computes the next step of it. */
  readonly step: (job: StreamJob) => ReturnType<StreamJob['step']>
  readonly onToken: (token: number, position: ScoredPosition) => void
  /** Called once, with what went wrong or null. */
  readonly onEnd: (error: unknown) => void
  /** Puts the run back into the queue. */
  readonly resume: () => void
}

/** A stream that stays a few tokens ahead of its consumer and leaves the queue while it waits for it. */
export class StreamRun implements Job {
  readonly #options: StreamRunOptions
  #job: StreamJob | null = null
  #lead = LEAD_TOKENS
  #parked = false
  #aborted = false

  constructor(options: StreamRunOptions) {
    this.#options = options
  }

  get isBackground(): boolean {
    return this.#job?.isReading ?? true
  }

  async step(): Promise<boolean> {
    if (this.#aborted) return this.#end(null)
    try {
      this.#job ??= this.#options.start()
      const next = await this.#options.step(this.#job)
      if (next) {
        this.#lead--
        this.#options.onToken(next.token, next.position)
      }
    } catch (error) {
      return this.#end(error)
    }
    if (this.#job.ended) return this.#end(null)
    this.#parked = this.#lead <= 0
    return this.#parked
  }

  /** The consumer has taken a token. */
  pull(): void {
    this.#lead++
    this.#unpark()
  }

  abort(): void {
    this.#aborted = true
    this.#unpark()
  }

  #unpark(): void {
    if (!this.#parked) return
    this.#parked = false
    this.#options.resume()
  }

  #end(error: unknown): true {
    this.#job?.release()
    this.#options.onEnd(error)
    return true
  }
}
