import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

/** What an answer waits for, and for how long it has, with an example to look at if there is one. */
export function Waiting({ reading, example }: { reading: string; example: ComponentChildren }) {
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
        {reading}
        <span aria-hidden="true">{seconds.value > 0 && ` · ${seconds.value} s`}</span>
      </p>
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
