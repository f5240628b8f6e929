import { useComputed } from '@preact/signals'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { running, steered } from '../state/comparison.ts'
import { decimal, seconds, t } from '../texts/texts.ts'
import { type AnswerFigures, answerFigures } from './answer-figures.ts'
import { firstWord } from './first-word.ts'
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
  const { key } = t().details
  const guessed = traces.some(({ draft }) => draft !== null)
  return (
    <>
      <Headline />
      {traces.length > 0 && <Figures {...figures} />}
      <section ref={scroller} class="timeline-scroller" tabIndex={0} aria-label={t().details.scrollable}>
        {traces.length === 0 ? (
          <p class="placeholder">{t().details.nothingYet}</p>
        ) : (
          <Timeline
            layout={layout.value}
            traces={traces}
            networkMs={networkMs}
            width={Math.max(room, traces.length * LEAST_TOKEN_WIDTH)}
          />
        )}
      </section>
      {traces.length > 0 && (
        <ul class="timeline-key">
          {networkMs !== null && <li class="key-network">{key.way}</li>}
          <li class="key-upstream">{networkMs === null ? key.largeAndWay : key.large}</li>
          <li class="key-local">{key.local}</li>
          {guessed && <li class="key-accepted">{key.right}</li>}
          <li class="key-waited">{guessed ? key.waited : key.word}</li>
        </ul>
      )}
    </>
  )
}

/** `First word after 2.1 s: 1.9 s reading your profile, then 12 words a second.` */
function Headline() {
  const first = firstWord(steered.value)
  if (first === null) return null
  const { afterMs, waited, wordsPerSecond } = first
  const texts = t().details
  const pace = running.value ? null : wordsPerSecond
  return (
    <p class="timeline-headline">
      {texts.firstWord(seconds(afterMs))}
      {waited !== null && texts.waited[waited.for](seconds(waited.ms))}
      {pace !== null && texts.thenPace(decimal(pace, pace < 10 ? 1 : 0))}.
    </p>
  )
}

function Figures(figures: AnswerFigures) {
  const names = t().details.figures
  const ms = (value: number | null) => (value === null ? '–' : `${decimal(value, value < 10 ? 1 : 0)} ms`)
  const { tokens, tokensPerSecond, acceptedShare, medianUpstreamMs, medianLocalMs, networkMs } = figures
  return (
    <dl class="figures">
      <Figure name={names.tokens} value={String(tokens)} />
      <Figure name={names.perSecond} value={tokensPerSecond === null ? '–' : decimal(tokensPerSecond, 1)} />
      {acceptedShare !== null && <Figure name={names.right} value={`${Math.round(acceptedShare * 100)} %`} />}
      <Figure name={names.large} value={ms(medianUpstreamMs)} />
      {networkMs !== null && <Figure name={names.way} value={ms(networkMs)} />}
      <Figure name={names.here} value={ms(medianLocalMs)} />
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
