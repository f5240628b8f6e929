import type { Profile } from '../../profiles/profile.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { OpenAnswers } from '../answering/open-answers.ts'
import { encodePrivateChat, stablePrefix } from '../prompts/private-prompt.ts'
import { publicConversation } from '../prompts/public-conversation.ts'
import type { SteeredPrompts } from '../prompts/steered-prompts.ts'

export interface ProfileWarmerOptions {
  readonly pair: LocalPair
  readonly tokenizer: Tokenizer
  /** While one is open, nothing is warmed. */
  readonly answers: OpenAnswers
  /** Prompt tokens that profiles may keep in the cache by being warmed. */
  readonly mostTokens: number
}

/** Further ones are computed with their first answer: a folder may hold thousands. */
const MOST_WAITING = 4

/**
 * Computes the K/V cache of profiles while nobody waits for an answer. An answer interrupts it within one
 * step of the local model, and what was computed until then is kept.
 */
export class ProfileWarmer {
  readonly #options: ProfileWarmerOptions
  readonly #waiting = new Map<string, Profile>()
  /** Tokens of those that were computed, by id. */
  readonly #warmed = new Map<string, number>()
  #running: AbortController | null = null
  #closed = false

  constructor(options: ProfileWarmerOptions) {
    this.#options = options
    const { answers } = options
    answers.onChange(() => {
      if (answers.count > 0) this.#running?.abort()
      else this.#next()
    })
  }

  /**
   * Warms profiles of the store, those with an id of `first` before others by their ids, four at most; and
   * each again when it changes.
   */
  follow(profiles: ProfileStore, first: Iterable<string>): void {
    const ids = new Set([...first, ...profiles.list().map(({ id }) => id)])
    for (const id of ids) {
      const profile = profiles.get(id)
      if (profile !== undefined) this.warm(profile)
    }
    profiles.onChange((change) => {
      const profile = change.type === 'profile-loaded' ? profiles.get(change.id) : undefined
      if (profile !== undefined) this.warm(profile)
    })
  }

  /** A profile for which there is no room any more is left to its first answer. */
  warm(profile: Profile): void {
    if (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(profile.id)) return
    this.#waiting.set(profile.id, profile)
    this.#next()
  }

  close(): void {
    this.#closed = true
    this.#running?.abort()
  }

  #next(): void {
    if (!this.#hasRoom()) this.#waiting.clear()
    const [profile] = this.#waiting.values()
    const isBusy = this.#running !== null || this.#options.answers.count > 0
    if (profile === undefined || isBusy || this.#closed) return
    const running = new AbortController()
    this.#running = running
    const computed = async () => {
      const { pair } = this.#options
      const prompts = warmPrompts(profile, this.#options)
      const continuation = await pair.open({ ...prompts, strength: 0, signal: running.signal })
      this.#warmed.set(profile.id, prompts.with.length)
      continuation.close()
    }
    // A profile that fails is computed with its first answer, which tells what is wrong with it.
    const settled = () => {
      this.#running = null
      const isCurrent = this.#waiting.get(profile.id) === profile
      if (isCurrent && !running.signal.aborted) this.#waiting.delete(profile.id)
      this.#next()
    }
    computed().then(settled, settled)
  }

  #hasRoom(): boolean {
    const tokens = [...this.#warmed.values()].reduce((sum, count) => sum + count, 0)
    return tokens < this.#options.mostTokens
  }
}

/** Prompts that begin as those of every conversation with the profile do. */
function warmPrompts(profile: Profile, { pair, tokenizer }: ProfileWarmerOptions): SteeredPrompts {
  const question = { role: 'user', content: '' } as const
  const now = new Date()
  const before = stablePrefix(profile, { tokenizer, contextTokens: pair.contextTokens })
  return {
    with: encodePrivateChat(before, [question], { tokenizer, now }),
    without: tokenizer.encodeChat(publicConversation([question]), { now }),
  }
}
