import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../steer/clock.ts'
import { ExponentialAverage } from '../../steer/lookahead/drafts/exponential-average.ts'
import type { TokenId } from '../../steer/token-id.ts'

/**
 * Steps until a slot is free whose stream was left: the server finds out when it sends the next token, and
 * steps vary.
 */
const RELEASE_STEPS = 1.7
const STEP_RATE = 0.2
/** The server does not look for a slot that shares less of a prompt than this. */
const LEAST_SHARE = 0.1

interface Slot {
  /** What its K/V cache holds, as far as own requests tell. */
  tokens: number[]
  /** Of the request that is in it; null when it is free. */
  request: AbortSignal | null
  /** When its stream was left before its end; the server may not have noticed yet. */
  leftAtMs: number
}

/** One request's stay in a slot. */
export interface SlotUse {
  /** The slot has computed another token. */
  computed(token: number): void
  /** `left`: the request was cancelled, and the server does not know yet. */
  release(how: { readonly left: boolean }): void
}

export interface ServerPace {
  /** Milliseconds for each token of an answer. */
  readonly stepMs: number
  /** What each token of a prompt takes that no slot holds, in such steps; near 0 with an accelerator. */
  readonly stepsPerPromptToken: number
}

export interface LlamaCppSlotsOptions {
  /** How many the server has; at least 1. */
  readonly count: number
  readonly clock: Clock
}

/**
 * What the slots of a llama.cpp server hold. It gives each request the free slot that shares most with its
 * prompt. A slot whose stream was left holds the most, but is not free for about one more step; a request
 * that comes meanwhile ends up in another one, and computes again what that one lacks, which takes many steps
 * on a processor.
 */
export class LlamaCppSlots {
  readonly #options: LlamaCppSlotsOptions
  readonly #slots: Slot[] = []
  readonly #step = new ExponentialAverage(STEP_RATE)
  #pace: ServerPace | null = null

  constructor(options: LlamaCppSlotsOptions) {
    this.#options = options
  }

  /** Until it is known, no request waits. */
  learnPace(pace: ServerPace): void {
    this.#pace = pace
    this.#step.add(pace.stepMs)
  }

  /**
   * Notes that a request behind `prefix` leaves, once it had better do so. Rejects with the signal's reason.
   */
  async enter(prefix: readonly TokenId[], signal: AbortSignal): Promise<SlotUse> {
    const waitMs = this.waitMs(prefix)
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    return this.#take(prefix, signal)
  }

  /** Milliseconds for which a request behind `prefix` had better wait, at least 0. */
  waitMs(prefix: readonly TokenId[]): number {
    if (this.#pace === null) return 0
    const nowMs = this.#options.clock.now()
    for (const slot of this.#slots) this.#noticeAbort(slot)
    if (this.#slots.every((slot) => this.#releasedAtMs(slot) <= nowMs)) return 0
    let free = 0
    let leaving = 0
    let freeAtMs = nowMs
    for (const slot of this.#slots) {
      if (slot.request !== null) continue
      const shared = sharedTokens(slot.tokens, prefix)
      const releasedAtMs = this.#releasedAtMs(slot)
      if (releasedAtMs <= nowMs) {
        free = Math.max(free, shared)
      } else if (shared > leaving) {
        leaving = shared
        freeAtMs = releasedAtMs
      }
    }
    return (leaving - free) * this.#pace.stepsPerPromptToken > RELEASE_STEPS ? freeAtMs - nowMs : 0
  }

  #take(prefix: readonly TokenId[], signal: AbortSignal): SlotUse {
    const slot = this.#slotFor(prefix)
    slot.tokens = slot.tokens.slice(0, sharedTokens(slot.tokens, prefix))
    slot.request = signal
    slot.leftAtMs = Number.NEGATIVE_INFINITY
    let answeredAtMs: number | null = null
    return {
      computed: (token) => {
        const nowMs = this.#options.clock.now()
        if (answeredAtMs === null) slot.tokens = (prefix as readonly number[]).concat(token)
        else {
          this.#step.add(nowMs - answeredAtMs)
          slot.tokens.push(token)
        }
        answeredAtMs = nowMs
      },
      release: ({ left }) => {
        // An abort was noticed before, and another request may have come.
        if (slot.request !== signal) return
        slot.request = null
        if (left) slot.leftAtMs = this.#options.clock.now()
      },
    }
  }

  /** The generator that reads an aborted stream ends later than the request behind it is sent. */
  #noticeAbort(slot: Slot): void {
    if (slot.request?.aborted !== true) return
    slot.request = null
    slot.leftAtMs = this.#options.clock.now()
  }

  #releasedAtMs({ leftAtMs }: Slot): number {
    return leftAtMs + RELEASE_STEPS * this.#step.or(0)
  }

  /** As the server chooses; a request that finds all slots busy waits there, and is not followed. */
  #slotFor(prefix: readonly TokenId[]): Slot {
    const nowMs = this.#options.clock.now()
    for (const slot of this.#slots) this.#noticeAbort(slot)
    const free = this.#slots.filter((slot) => slot.request === null && this.#releasedAtMs(slot) <= nowMs)
    let best: Slot | null = null
    let most = LEAST_SHARE * prefix.length
    for (const slot of free) {
      const shared = sharedTokens(slot.tokens, prefix)
      if (shared <= most) continue
      most = shared
      best = slot
    }
    if (best !== null) return best
    const fresh: Slot = { tokens: [], request: null, leftAtMs: Number.NEGATIVE_INFINITY }
    if (this.#slots.length >= this.#options.count) return free[0] ?? fresh
    this.#slots.push(fresh)
    return fresh
  }
}

function sharedTokens(held: readonly number[], prefix: readonly number[]): number {
  const most = Math.min(held.length, prefix.length)
  let shared = 0
  while (shared < most && held[shared] === prefix[shared]) shared++
  return shared
}
