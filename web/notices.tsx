import { signal } from '@preact/signals'
import { CloseIcon } from './icons.tsx'
import { t } from './texts/texts.ts'

interface Notice {
  readonly text: string
  readonly failed: boolean
  readonly actions?: readonly { readonly label: string; readonly run: () => void }[]
}

const notice = signal<Notice | null>(null)

/** Shows a line at the foot of the page until the next one, or until it is closed. */
export function notify(text: string, { failed = false, ...more }: Partial<Omit<Notice, 'text'>> = {}): void {
  notice.value = { text, failed, ...more }
}

/** Takes the line away, when it is no longer true or was read. */
export function dismissNotice(): void {
  notice.value = null
}

export function Notices() {
  const { value } = notice
  return (
    <div class="notices" role="status">
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
