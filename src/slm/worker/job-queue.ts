/** A piece of work for the session, in steps of one graph run each. */
export interface Job {
  /** Computes one step; true when none is left. It must not reject. */
  step(): Promise<boolean>
}

/**
 * Runs jobs one step at a time, since they share the cores. Urgent jobs run whole and in order; time-sliced
 * ones (prefills, scores, streams) take turns step by step. The two kinds alternate, so that neither waits
 * for more than one job or step of the other.
 */
export class JobQueue {
  readonly #urgent: Job[] = []
  readonly #timeSliced: Job[] = []
  #running = false
  #urgentRanLast = false
  #onEnd: (() => void) | null = null

  addUrgent(job: Job): void {
    this.#urgent.push(job)
    this.#start()
  }

  addTimeSliced(job: Job): void {
    this.#timeSliced.push(job)
    this.#start()
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
    while (this.#urgent.length + this.#timeSliced.length > 0 && !this.#onEnd) {
      const takeUrgent = this.#urgent.length > 0 && !(this.#urgentRanLast && this.#timeSliced.length > 0)
      this.#urgentRanLast = takeUrgent
      if (takeUrgent) {
        const job = this.#urgent.shift()
        while (job && !(await job.step()) && !this.#onEnd);
      } else {
        const job = this.#timeSliced.shift()
        if (job && !(await job.step())) this.#timeSliced.push(job)
      }
      await new Promise(setImmediate)
    }
    this.#running = false
    this.#onEnd?.()
  }
}
