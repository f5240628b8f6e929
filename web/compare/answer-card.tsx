import type { ComponentChildren } from 'preact'
import type { Answer } from '../state/answer.ts'
import { isRunning, isThinking } from '../state/answer.ts'
import { ask, running } from '../state/comparison.ts'
import { mayEditProfiles, profiles } from '../state/session.ts'
import { seconds, t } from '../texts/texts.ts'
import { wordCount } from '../word-count.ts'
import { CallCard } from './channels/call-card.tsx'
import { Thoughts } from './channels/thoughts.tsx'
import { startKeeping } from './keeping/kept-answer.ts'
import { Waiting } from './waiting.tsx'

interface AnswerCardProps {
  readonly id: 'plain' | 'steered'
  readonly title: string
  readonly subtitle: ComponentChildren
  readonly answer: Answer
  readonly note?: ComponentChildren
  /** What happens until the first word. */
  readonly reading: string
  /** What stands there until then. */
  readonly example: ComponentChildren
  /** What stands above the text. */
  readonly before?: ComponentChildren
  readonly children: ComponentChildren
}

/** One of the two answers with its state. */
export function AnswerCard(props: AnswerCardProps) {
  const { id, title, subtitle, answer, note, reading, example, before, children } = props
  return (
    <section class={`card answer-card ${id}`} aria-labelledby={`${id}-title`} aria-busy={isRunning(answer)}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        <p>{subtitle}</p>
      </header>
      <div class="answer-body">
        {before}
        {answer.status === 'empty' && <p class="placeholder">{t().compare.empty[id]}</p>}
        {answer.status === 'waiting' && (
          <Waiting reading={reading} share={answer.readShare} example={example} />
        )}
        {answer.reasoning !== '' && <Thoughts answer={answer} />}
        {children}
        {answer.calls.map((call, index) => (
          <CallCard key={index} call={call} />
        ))}
        {answer.ignored.includes('tools') && <p class="hint">{t().compare.noTools}</p>}
        {answer.failure !== null && (
          <div class="failure" role="alert">
            <p>{answer.failure}</p>
            <button type="button" class="link-button" disabled={running.value} onClick={() => void ask()}>
              {t().compare.askAgain}
            </button>
          </div>
        )}
      </div>
      <footer>
        <p role="status">{summary(answer)}</p>
        {note}
        {mayBeKept(answer) && (
          <button type="button" class="link-button" onClick={() => startKeeping(answer)}>
            {t().compare.keep}
          </button>
        )}
      </footer>
    </section>
  )
}

function mayBeKept(answer: Answer): boolean {
  const hasText = !isRunning(answer) && answer.text.trim() !== ''
  return hasText && mayEditProfiles() && profiles.value.length > 0
}

function summary(answer: Answer): string {
  const { status, firstTextMs, elapsedMs, cutShort } = answer
  if (status === 'empty' || status === 'failed' || status === 'waiting') return ''
  const texts = t().compare
  const words = wordCount(answer.text)
  const ending = status === 'stopped' ? texts.stopped : cutShort ? texts.cutShort : null
  const { length: calls } = answer.calls
  const thinks = isThinking(answer)
  const parts = [
    words > 0 || (calls === 0 && !thinks) ? texts.words(words) : null,
    thinks ? texts.thinking : null,
    calls === 0 ? null : texts.calls(calls),
    seconds(elapsedMs),
    firstTextMs === null ? null : texts.firstAfter(seconds(firstTextMs)),
    answer.cost === null ? null : texts.costs(Number(answer.cost.toPrecision(3))),
    ending,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}
