import { PAIRS_TOGETHER } from '../graph/decoder-graph.ts'

/** A piece of work for the session, in steps of one graph run each. */
export interface Job {
  /**
   * Reads a prompt or tidies up, so that steps of answers that run go ahead of it. Asked whenever the job
   * comes into the queue.
   */
  readonly isBackground: boolean
  /** Steps of one model, for different continuations, are begun together: their rows share a pass. */
  readonly shares?: { readonly model: number; readonly continuation: number }
  /** Computes one step; true when none is left. It must not reject. */
  step(): Promise<boolean>
}

/** While answers run, the background gets one part of the time and they get so many. */
const PARTS_OF_ANSWERS = 2

/** A job by when it came into the queue. */
interface Waiting {
  readonly job: Job
  readonly arrival: number
}

/**
 * Runs jobs one step at a time, or several in one pass, since they share the cores. Steps of running answers
 * go ahead of the background, in order. Where they leave no pause, each step of the background is followed by
 * at least twice its time of theirs, so that a prompt gets on and an answer beside it keeps two thirds of its
 * pace. In a crowd all jobs take turns.
 */
export class JobQueue {
  readonly #now: () => number
  readonly #answers: Waiting[] = []
  readonly #background: Waiting[] = []
  #arrivals = 0
  /** Milliseconds that running answers get before the background does. */
  #owedMs = 0
  #running = false
  #onEnd: (() => void) | null = null

  /** `now` tells milliseconds. */
  constructor({ now = () => performance.now() }: { readonly now?: () => number } = {}) {
    this.#now = now
  }

  add(job: Job): void {
    const jobs = job.isBackground ? this.#background : this.#answers
    jobs.push({ job, arrival: this.#arrivals++ })
    this.#start()
  }

  /** Whether several jobs of the background wait: of many callers none is worth another's time. */
  get isCrowded(): boolean {
    return this.#background.length > 1
  }

  /** Resolves once the step that runs is done; nothing is run after it. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEnd = resolve
      if (!this.#running) resolve()
    })
  }

  #start(): void {
    if (this.#running || this.#onEnd) return
    this.#running = true
    void this.#run()
  }

  async #run(): Promise<void> {
    while (this.#answers.length + this.#background.length > 0 && !this.#onEnd) {
      const isAnswers = this.#isAnswersTurn()
      const jobs = takeFirst(isAnswers ? this.#answers : this.#background)
      const begunMs = this.#now()
      const done = await Promise.all(jobs.map((job) => job.step()))
      const tookMs = this.#now() - begunMs
      this.#owedMs = isAnswers ? Math.max(0, this.#owedMs - tookMs) : tookMs * PARTS_OF_ANSWERS
      for (const [index, job] of jobs.entries()) if (!done[index]) this.add(job)
      await new Promise(setImmediate)
    }
    this.#running = false
    this.#onEnd?.()
  }

  #isAnswersTurn(): boolean {
    const [answer] = this.#answers
    const [prompt] = this.#background
    if (answer === undefined || prompt === undefined) return answer !== undefined
    return this.isCrowded ? answer.arrival < prompt.arrival : this.#owedMs > 0
  }
}

/** Takes the first job out of the queue, with those behind it that may share its pass. */
function takeFirst(waiting: Waiting[]): Job[] {
  const [first] = waiting
  const taken = new Map<number | null, Waiting>()
  for (const one of waiting) {
    const { shares } = one.job
    if (one !== first && (shares === undefined || shares.model !== first?.job.shares?.model)) continue
    const continuation = shares?.continuation ?? null
    if (!taken.has(continuation)) taken.set(continuation, one)
    if (taken.size === PAIRS_TOGETHER) break
  }
  for (const one of taken.values()) waiting.splice(waiting.indexOf(one), 1)
  return [...taken.values()].map(({ job }) => job)
}
