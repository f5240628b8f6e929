import { useComputed } from '@preact/signals'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { steered } from '../state/comparison.ts'
import { type AnswerFigures, answerFigures } from './answer-figures.ts'
import { Timeline } from './timeline.tsx'
import { timelineLayout } from './timeline-layout.ts'

/** Below this, tokens lie too close to be pointed at. */
const LEAST_TOKEN_WIDTH = 7

/** When each part of the work ran, and what it came to. */
export function TimelinePanel() {
  const scroller = useRef<HTMLElement>(null)
  const [room, setRoom] = useState(600)
  const layout = useComputed(() => timelineLayout(steered.value.traces))
  useLayoutEffect(() => {
    const { current } = scroller
    if (current === null) return
    const observer = new ResizeObserver(() => setRoom(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  const { traces } = steered.value
  const figures = answerFigures(traces)
  const { networkMs } = figures
  const guessed = traces.some(({ draft }) => draft !== null)
  return (
    <>
      <Figures {...figures} />
      <section ref={scroller} class="timeline-scroller" tabIndex={0} aria-label="Timeline, scrollable">
        {traces.length === 0 ? (
          <p class="placeholder">Nothing yet.</p>
        ) : (
          <Timeline
            layout={layout.value}
            traces={traces}
            networkMs={networkMs}
            width={Math.max(room, traces.length * LEAST_TOKEN_WIDTH)}
          />
        )}
      </section>
      <ul class="timeline-key">
        {networkMs !== null && <li class="key-network">the way there and back, about</li>}
        <li class="key-upstream">
          {networkMs === null ? 'large model and the way there and back' : 'large model'}
        </li>
        <li class="key-local">small model on this machine</li>
        {guessed && <li class="key-accepted">word whose guess was right</li>}
        <li class="key-waited">{guessed ? 'word that had to wait' : 'word'}</li>
      </ul>
    </>
  )
}

function Figures(figures: AnswerFigures) {
  const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(value < 10 ? 1 : 0)} ms`)
  const { tokens, tokensPerSecond, acceptedShare, medianUpstreamMs, medianLocalMs, networkMs } = figures
  return (
    <dl class="figures">
      <Figure name="tokens" value={String(tokens)} />
      <Figure name="tokens a second" value={tokensPerSecond === null ? '–' : tokensPerSecond.toFixed(1)} />
      {acceptedShare !== null && (
        <Figure name="guesses that were right" value={`${Math.round(acceptedShare * 100)} %`} />
      )}
      <Figure name="large model, median" value={ms(medianUpstreamMs)} />
      {networkMs !== null && <Figure name="of it the way, about" value={ms(networkMs)} />}
      <Figure name="this machine, median" value={ms(medianLocalMs)} />
    </dl>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
