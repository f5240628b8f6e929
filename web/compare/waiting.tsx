import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { t } from '../texts/texts.ts'

interface WaitingProps {
  /** What happens until the first word. */
  readonly reading: string
  /** Which share of the profile is read, [0, 1]; null where nobody tells. */
  readonly share: number | null
  readonly example: ComponentChildren
}

/** What an answer waits for, how far that is, and for how long it has, with an example to look at if any. */
export function Waiting({ reading, share, example }: WaitingProps) {
  const seconds = useSignal(0)
  useEffect(() => {
    const timer = window.setInterval(() => {
      seconds.value += 1
    }, 1000)
    return () => window.clearInterval(timer)
  }, [])
  return (
    <div class="waiting">
      <p class="hint">
        {share === null ? reading : t().compare.readingShare(Math.floor(share * 100))}
        <span aria-hidden="true">{seconds.value > 0 && ` · ${seconds.value} s`}</span>
      </p>
      {share !== null && <progress aria-label={t().compare.readingLabel} value={share} />}
      {example ?? (
        <>
          <span class="waiting-line" />
          <span class="waiting-line" />
          <span class="waiting-line" />
        </>
      )}
    </div>
  )
}
