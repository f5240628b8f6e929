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
 * step of the local model, and what was computed until then is kept. What it computes is all that stays on
 * disk: beginnings of profiles, before anybody has asked anything.
 */
export class ProfileWarmer {
  readonly #options: ProfileWarmerOptions
  readonly #waiting = new Map<string, Waiting>()
  /** Tokens that were computed or came from disk, by id. */
  readonly #warmed = new Map<string, number>()
  /** Ids of those of which something stays on disk, where anything does. */
  readonly #kept = new Set<string>()
  #running: AbortController | null = null
  #closed = false
  /** Whether something may have changed since `onWarmed` was told. */
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
      if (change.type === 'profile-removed') this.#forget(change.id)
      const profile = change.type === 'profile-loaded' ? profiles.get(change.id) : undefined
      if (profile !== undefined) this.warm(profile)
    })
    // Also where no profile is left: what was kept of others goes
    this.#isNew = true
    this.#next()
  }

  /**
   * Computes so many of the profile's likely beginnings; all by default. A profile for which there is no room
   * any more is left to its first answer.
   */
  warm(profile: Profile, wanted = Number.POSITIVE_INFINITY): void {
    this.#renew(profile.id)
    if (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(profile.id)) return
    const { pair, tokenizer } = this.#options
    const beginnings = likelyBeginnings(profile, { tokenizer, contextTokens: pair.contextTokens })
    this.#waiting.set(profile.id, { profile, beginnings, next: null, left: wanted })
    this.#next()
  }

  #forget(id: string): void {
    this.#renew(id)
    this.#waiting.delete(id)
    this.#isNew = true
    this.#next()
  }

  #renew(id: string): void {
    this.#warmed.delete(id)
    this.#kept.delete(id)
    this.#options.pair.kept?.renew(id)
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
    const { computedTokens, keptTokens = 0 } = continuation.prefill
    if (this.#waiting.get(id) !== waiting) {
      // It was changed or removed meanwhile
      continuation.close()
      return false
    }
    this.#warmed.set(id, (this.#warmed.get(id) ?? 0) + computedTokens + keptTokens)
    this.#kept.add(id)
    continuation.close({ keepFor: id })
    waiting.next = null
    waiting.left--
    return waiting.left > 0
  }

  #tellWarmed(): void {
    if (!this.#isNew) return
    this.#isNew = false
    this.#options.pair.kept?.trim([...this.#kept])
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
