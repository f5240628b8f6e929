import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { CloseIcon } from './icons.tsx'
import { view } from './state/session.ts'
import { t } from './texts/texts.ts'

interface Notice {
  readonly text: string
  readonly failed: boolean
  readonly actions?: readonly { readonly label: string; readonly run: () => void }[]
}

/** Long enough to read a line and to press what it offers. */
const SHOWN_MS = 8000

const notice = signal<Notice | null>(null)

/**
 * Shows a line at the foot of the page: until the next one, or another view. Unless it is a failure, it ends
 * after some seconds in which nobody points at it.
 */
export function notify(text: string, { failed = false, ...more }: Partial<Omit<Notice, 'text'>> = {}): void {
  notice.value = { text, failed, ...more }
}

/** Takes the line away, when it is no longer true or was read. */
export function dismissNotice(): void {
  notice.value = null
}

export function Notices() {
  const { value } = notice
  const held = useSignal(false)
  useEffect(() => view.subscribe(dismissNotice), [])
  useEffect(() => {
    if (value === null) held.value = false
    if (value === null || value.failed || held.value) return
    const timer = window.setTimeout(dismissNotice, SHOWN_MS)
    return () => window.clearTimeout(timer)
  }, [value, held.value])
  const hold = (isHeld: boolean) => () => {
    held.value = isHeld
  }
  return (
    <div
      class="notices"
      role="status"
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocusIn={hold(true)}
      onFocusOut={hold(false)}
    >
      {value !== null && (
        <div class={`notice ${value.failed ? 'failed' : ''}`}>
          <span>{value.text}</span>
          {value.actions?.map(({ label, run }) => (
            <button key={label} type="button" class="link-button" onClick={run}>
              {label}
            </button>
          ))}
          <button type="button" class="icon-button" aria-label={t().close} onClick={dismissNotice}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  )
}
