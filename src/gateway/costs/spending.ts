import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { jsonValue } from '../../json-value.ts'
import type { Price } from '../../upstream/price.ts'
import { AnswerCost, type Cost, type CostLimits } from './answer-cost.ts'

export interface SpendingOptions {
  readonly limits: CostLimits
  /** Keeps what was spent today, so that a restart forgets nothing. */
  readonly file: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told of every bit that is spent. */
  readonly onSpent?: ((cost: Cost) => void) | undefined
}

const kept = z.object({ day: z.string(), amount: z.number().min(0) })

/** What all answers together have spent today; days begin at midnight, UTC. */
export class Spending {
  readonly #options: SpendingOptions
  #day: string
  #amount = 0
  #writing: Promise<void> = Promise.resolve()
  #isDirty = false

  private constructor(options: SpendingOptions) {
    this.#options = options
    this.#day = dayOf(options.now())
  }

  /** Without a daily limit nothing is kept. What cannot be read counts as nothing spent. */
  static async open(options: SpendingOptions): Promise<Spending> {
    const spending = new Spending(options)
    if (options.limits.daily !== null) await spending.#recall()
    return spending
  }

  get today(): number {
    const day = dayOf(this.#options.now())
    if (day !== this.#day) {
      this.#day = day
      this.#amount = 0
    }
    return this.#amount
  }

  /** The meter of an answer. */
  begin(price: Price): AnswerCost {
    return new AnswerCost({
      price,
      limits: this.#options.limits,
      spentToday: () => this.today,
      onSpent: (cost) => this.#add(cost),
    })
  }

  /** Keeps what was spent so far, after an answer. */
  keep(): void {
    const { limits, file } = this.#options
    if (limits.daily === null || !this.#isDirty) return
    this.#isDirty = false
    const text = JSON.stringify({ day: this.#day, amount: this.#amount })
    // A folder that cannot be written keeps nobody from an answer
    this.#writing = this.#writing.then(() => written(file, text)).catch(() => {})
  }

  /** Once all is kept. */
  async close(): Promise<void> {
    this.keep()
    await this.#writing
  }

  #add(cost: Cost): void {
    this.#amount = this.today + cost.amount
    this.#isDirty = true
    this.#options.onSpent?.(cost)
  }

  async #recall(): Promise<void> {
    const text = await readFile(this.#options.file, 'utf8').catch(() => '')
    const found = kept.safeParse(jsonValue(text))
    if (found.success && found.data.day === this.#day) this.#amount = found.data.amount
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

async function written(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, file)
}
