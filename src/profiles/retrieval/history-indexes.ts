import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Profile } from '../profile.ts'
import type { ProfileStore } from '../profile-store.ts'
import { threadedIndex } from './index-thread.ts'
import { historyTexts, indexOf, keepIndex } from './indexed-history.ts'

/** Texts of so many characters together are indexed at once, in some 20 ms; more in a thread. */
const FEW_CHARS = 64 * 1024

export interface HistoryIndexesOptions {
  readonly store: ProfileStore
  /** Where indexes are kept, readable by their owner alone. */
  readonly folder: string
}

/**
 * Has the index of each large profile ready before a question needs it, without holding up the thread that
 * serves. What is kept on disk is the words of a profile's texts, and goes with the profile.
 */
export class HistoryIndexes {
  readonly #store: ProfileStore
  readonly #folder: string
  readonly #prefix: string
  readonly #closing = new AbortController()
  readonly #running = new WeakMap<Profile, Promise<void>>()
  #last: Promise<void> = Promise.resolve()
  #removed: Promise<void> = Promise.resolve()

  constructor({ store, folder }: HistoryIndexesOptions) {
    this.#store = store
    this.#folder = folder
    this.#prefix = `${createHash('sha256').update(resolve(store.folder)).digest('hex').slice(0, 16)}-`
    store.onChange((change) => {
      if (change.type === 'profile-removed') this.#removeOthers()
      const profile = change.type === 'profile-loaded' ? store.get(change.id) : undefined
      if (profile !== undefined) void this.ready(profile)
    })
    for (const profile of store.list()) void this.ready(profile)
    this.#removeOthers()
  }

  /** Resolves when a question to this profile waits for no index any more. Never rejects. */
  ready(profile: Profile): Promise<void> {
    if (indexOf(profile) !== null) return Promise.resolve()
    const running = this.#running.get(profile) ?? this.#build(profile)
    this.#running.set(profile, running)
    return running
  }

  /** Ends what is being built. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#last
    await this.#removed
  }

  async #build(profile: Profile): Promise<void> {
    const path = join(this.#folder, `${this.#prefix}${profile.id}.index`)
    if (!isLarge(profile)) {
      // It may have been large.
      await rm(path, { force: true }).catch(() => {})
      return
    }
    const build = async () => {
      const { signal } = this.#closing
      keepIndex(profile, await threadedIndex(historyTexts(profile), { path, signal }))
      if (!this.#store.has(profile.id)) this.#removeOthers()
    }
    // One after the other, since each takes a processor. A failure leaves it to the first question.
    this.#last = this.#last.then(build).catch(() => {})
    await this.#last
  }

  #removeOthers(): void {
    this.#removed = this.#removed.then(() => this.#remove())
  }

  /** Removes what is kept of profiles of this folder that are gone. Never rejects. */
  async #remove(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    const gone = names.filter((name) => {
      const id = name.slice(this.#prefix.length).replace(/\.index(?:\.tmp)?$/, '')
      return name.startsWith(this.#prefix) && !this.#store.has(id)
    })
    await Promise.all(gone.map((name) => rm(join(this.#folder, name), { force: true }).catch(() => {})))
  }
}

function isLarge({ history }: Profile): boolean {
  let chars = 0
  for (const { text } of history) {
    chars += text.length
    if (chars > FEW_CHARS) return true
  }
  return false
}
