import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** What an answer waits for, and for how long it has, from when it began to wait. */
export function Waiting({ reading }: { reading: string }) {
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
      <span class="waiting-line" />
      <span class="waiting-line" />
      <span class="waiting-line" />
    </div>
  )
}
