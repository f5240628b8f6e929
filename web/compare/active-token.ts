import { effect, signal } from '@preact/signals'

/** The token that is looked at, in the text, the timeline or the table. */
export interface ActiveToken {
  readonly position: number
  /** What its details are shown beside; null when nothing is to be shown. */
  readonly anchor: Element | null
  /** Stays until something else is chosen: by tap, click or keyboard. */
  readonly pinned: boolean
}

export const activeToken = signal<ActiveToken | null>(null)
/** Whether anybody has looked at a token since the page was opened. */
export const hasLooked = signal(false)
effect(() => {
  if (activeToken.value !== null) hasLooked.value = true
})

/** Follows the pointer, unless a token is pinned. */
export function hoverToken(next: Omit<ActiveToken, 'pinned'> | null): void {
  if (activeToken.value?.pinned === true) return
  activeToken.value = next === null ? null : { ...next, pinned: false }
}

export function pinToken(next: Omit<ActiveToken, 'pinned'>): void {
  const { value } = activeToken
  const again = value?.pinned === true && value.position === next.position
  activeToken.value = again ? null : { ...next, pinned: true }
}

export function releaseToken(): void {
  activeToken.value = null
}
