import type { ComponentChildren } from 'preact'
import type { Answer } from '../state/answer.ts'
import { isRunning } from '../state/answer.ts'

interface AnswerCardProps {
  readonly id: string
  readonly title: string
  readonly subtitle: ComponentChildren
  readonly answer: Answer
  readonly note?: ComponentChildren
  readonly children: ComponentChildren
}

/** One of the two answers with its state. */
export function AnswerCard({ id, title, subtitle, answer, note, children }: AnswerCardProps) {
  return (
    <section class={`card answer-card ${id}`} aria-labelledby={`${id}-title`} aria-busy={isRunning(answer)}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        <p>{subtitle}</p>
      </header>
      <div class="answer-body">
        {answer.status === 'empty' && <p class="placeholder">The answer appears here.</p>}
        {answer.status === 'waiting' && <Waiting />}
        {children}
        {answer.failure !== null && (
          <p class="failure" role="alert">
            {answer.failure}
          </p>
        )}
      </div>
      <footer>
        <p role="status">{summary(answer)}</p>
        {note}
      </footer>
    </section>
  )
}

function Waiting() {
  return (
    <p class="waiting">
      <span class="visually-hidden">Waiting for the first word</span>
      <span class="waiting-line" />
      <span class="waiting-line" />
      <span class="waiting-line" />
    </p>
  )
}

function summary(answer: Answer): string {
  const { status, firstTextMs, elapsedMs, cutShort } = answer
  if (status === 'empty' || status === 'failed') return ''
  if (status === 'waiting') return 'reading …'
  const words = answer.text.split(/\s+/).filter((word) => word !== '').length
  const ending = status === 'stopped' ? 'stopped' : cutShort ? 'cut at the longest length' : null
  const parts = [`${words} words`, seconds(elapsedMs), ending]
  if (firstTextMs !== null) parts.splice(2, 0, `first after ${seconds(firstTextMs)}`)
  return parts.filter((part) => part !== null).join(' · ')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
