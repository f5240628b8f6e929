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
}

/**
 * Computes the K/V cache of profiles while nobody waits for an answer. An answer interrupts it within one
 * step of the local model, and what was computed until then is kept.
 */
export class ProfileWarmer {
  readonly #options: ProfileWarmerOptions
  readonly #waiting = new Map<string, Profile>()
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

  /** Warms all profiles of the store, and each again when it changes. */
  follow(profiles: ProfileStore): void {
    for (const profile of profiles.list()) this.warm(profile)
    profiles.onChange((change) => {
      const profile = change.type === 'profile-loaded' ? profiles.get(change.id) : undefined
      if (profile !== undefined) this.warm(profile)
    })
  }

  warm(profile: Profile): void {
    this.#waiting.set(profile.id, profile)
    this.#next()
  }

  close(): void {
    this.#closed = true
    this.#running?.abort()
  }

  #next(): void {
    const [profile] = this.#waiting.values()
    const isBusy = this.#running !== null || this.#options.answers.count > 0
    if (profile === undefined || isBusy || this.#closed) return
    const running = new AbortController()
    this.#running = running
    const computed = async () => {
      const { pair } = this.#options
      const prompts = warmPrompts(profile, this.#options)
      const continuation = await pair.open({ ...prompts, strength: 0, signal: running.signal })
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
