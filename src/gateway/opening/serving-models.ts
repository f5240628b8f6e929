import { collectGarbage } from '../../collect-garbage.ts'
import type { OpenModels } from './open-models.ts'

/** The models that answer now. Others can take their place while answers run on. */
export class ServingModels {
  readonly #listeners: ((models: OpenModels) => void)[] = []
  /** Replaced ones whose answers may still run. */
  readonly #leaving = new Set<OpenModels>()
  #now: OpenModels

  constructor(first: OpenModels) {
    this.#now = first
  }

  get now(): OpenModels {
    return this.#now
  }

  /** Told of the models that answer now, and of those that take their place. */
  onReplaced(listener: (models: OpenModels) => void): void {
    this.#listeners.push(listener)
    listener(this.#now)
  }

  /**
   * What is asked from now on is answered by `next`. What runs ends with the models that it began with: they
   * are closed once `ended`, which settles when nothing uses them any more.
   */
  async replace(next: OpenModels, ended: Promise<void>): Promise<void> {
    const before = this.#now
    this.#leaving.add(before)
    before.warmer.close()
    this.#now = next
    for (const listener of this.#listeners) listener(next)
    await ended
    if (this.#leaving.delete(before)) await before.close()
    collectGarbage()
  }

  async close(): Promise<void> {
    const all = [...this.#leaving, this.#now]
    this.#leaving.clear()
    for (const models of all) await models.close()
  }
}
