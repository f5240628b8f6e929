import type { Profile } from '../../profiles/profile.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import type { PrivateMessage } from '../../profiles/rendering/private-message.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { OpenAnswers } from '../answering/open-answers.ts'
import { encodePrivateChat, likelyBeginnings } from '../prompts/private-prompt.ts'
import { publicConversation } from '../prompts/public-conversation.ts'
import type { SteeredPrompts } from '../prompts/steered-prompts.ts'

export interface ProfileWarmerOptions {
  readonly pair: LocalPair
  readonly tokenizer: Tokenizer
  /** While one is open, nothing is warmed. */
  readonly answers: OpenAnswers
  /** Prompt tokens that profiles may keep in the cache by being warmed. */
  readonly mostTokens: number
  /** Told when all that is to be warmed has been, while no answer is open. */
  readonly onWarmed?: () => void
}

/** Further ones are computed with their first answer: a folder may hold thousands. */
const MOST_WAITING = 4
/** What is computed of profiles that are not the likeliest. */
const FEW_BEGINNINGS = 2

/** A profile with what is still to be computed of it. */
interface Waiting {
  readonly profile: Profile
  readonly beginnings: Iterator<readonly PrivateMessage[], unknown>
  /** The one that was interrupted, if any. */
  next: readonly PrivateMessage[] | null
  left: number
}

/**
 * Computes the K/V cache of profiles while nobody waits for an answer. An answer interrupts it within one
 * step of the local model, and what was computed until then is kept.
 */
export class ProfileWarmer {
  readonly #options: ProfileWarmerOptions
  readonly #waiting = new Map<string, Waiting>()
  /** Tokens that were computed, by id. */
  readonly #warmed = new Map<string, number>()
  #running: AbortController | null = null
  #closed = false
  /** Whether something was computed since `onWarmed` was told. */
  #isNew = false
  #unfollow = () => {}

  constructor(options: ProfileWarmerOptions) {
    this.#options = options
    const { answers } = options
    answers.onChange(() => {
      if (answers.count > 0) this.#running?.abort()
      else this.#next()
    })
  }

  /**
   * Warms profiles of the store, those with an id of `first` before others by their ids, four at most, and of
   * the first one most; and each again when it changes.
   */
  follow(profiles: ProfileStore, first: Iterable<string>): void {
    const ids = new Set([...first, ...profiles.list().map(({ id }) => id)])
    const stored = [...ids].map((id) => profiles.get(id)).filter((profile) => profile !== undefined)
    for (const [at, profile] of stored.entries()) this.warm(profile, at === 0 ? undefined : FEW_BEGINNINGS)
    this.#unfollow = profiles.onChange((change) => {
      const profile = change.type === 'profile-loaded' ? profiles.get(change.id) : undefined
      if (profile !== undefined) this.warm(profile)
    })
  }

  /**
   * Computes so many of the profile's likely beginnings; all by default. A profile for which there is no room
   * any more is left to its first answer.
   */
  warm(profile: Profile, wanted = Number.POSITIVE_INFINITY): void {
    if (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(profile.id)) return
    const { pair, tokenizer } = this.#options
    const beginnings = likelyBeginnings(profile, { tokenizer, contextTokens: pair.contextTokens })
    this.#waiting.set(profile.id, { profile, beginnings, next: null, left: wanted })
    this.#warmed.delete(profile.id)
    this.#next()
  }

  close(): void {
    this.#closed = true
    this.#unfollow()
    this.#waiting.clear()
    this.#running?.abort()
  }

  #next(): void {
    if (!this.#hasRoom()) this.#waiting.clear()
    const [waiting] = this.#waiting.values()
    const isBusy = this.#running !== null || this.#options.answers.count > 0
    if (isBusy || this.#closed) return
    if (waiting === undefined) {
      this.#tellWarmed()
      return
    }
    const running = new AbortController()
    this.#running = running
    this.#isNew = true
    // A profile that fails is computed with its first answer, which tells what is wrong with it.
    const settled = (isMissing: boolean) => {
      this.#running = null
      const { id } = waiting.profile
      if (!isMissing && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
      this.#next()
    }
    this.#computeOne(waiting, running.signal).then(settled, () => settled(running.signal.aborted))
  }

  /** Whether further beginnings are missing. */
  async #computeOne(waiting: Waiting, signal: AbortSignal): Promise<boolean> {
    const { pair, tokenizer } = this.#options
    const { id } = waiting.profile
    if (waiting.next === null) {
      const { value, done } = waiting.beginnings.next()
      if (done) return false
      waiting.next = value
    }
    const continuation = await pair.open({ ...warmPrompts(waiting.next, tokenizer), strength: 0, signal })
    this.#warmed.set(id, (this.#warmed.get(id) ?? 0) + continuation.prefill.computedTokens)
    continuation.close()
    waiting.next = null
    waiting.left--
    return waiting.left > 0
  }

  #tellWarmed(): void {
    if (!this.#isNew) return
    this.#isNew = false
    this.#options.onWarmed?.()
  }

  #hasRoom(): boolean {
    const tokens = [...this.#warmed.values()].reduce((sum, count) => sum + count, 0)
    return tokens < this.#options.mostTokens
  }
}

/** Prompts that begin as those of conversations do. */
function warmPrompts(beginning: readonly PrivateMessage[], tokenizer: Tokenizer): SteeredPrompts {
  const question = { role: 'user', content: '' } as const
  const now = new Date()
  return {
    with: encodePrivateChat(beginning, [question], { tokenizer, now }),
    without: tokenizer.encodeChat(publicConversation([question]), { now }),
  }
}
