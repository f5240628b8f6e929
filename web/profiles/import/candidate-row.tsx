import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../../texts/texts.ts'
import { wordCount } from '../../word-count.ts'
import type { Candidate } from './candidate.ts'
import { type Choice, changeChoice } from './import-run.ts'
import { toggled } from './toggled.ts'

interface CandidateRowProps {
  readonly candidate: Candidate
  readonly index: number
  readonly choice: Choice
}

/** A text that was found: whether it is added, what it was written for, and how it begins. */
export function CandidateRow({ candidate, index, choice }: CandidateRowProps) {
  const { text, like } = candidate
  const isWhole = useSignal(false)
  const { chosenTexts, tasks, files } = choice
  const task = tasks.get(index) ?? candidate.task
  const isCut = useSignal(false)
  const shown = useRef<HTMLParagraphElement>(null)
  useLayoutEffect(() => {
    const { current } = shown
    if (current === null) return
    // How much of it fits changes with the width, and what is read whole says nothing of it.
    const observer = new ResizeObserver(() => {
      if (!isWhole.value) isCut.value = current.scrollHeight > current.clientHeight
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return (
    <li class="candidate">
      <input
        type="checkbox"
        aria-label={t().import.addTask(task)}
        checked={chosenTexts.has(index)}
        disabled={like === 'same'}
        onChange={({ currentTarget }) =>
          changeChoice({ chosenTexts: toggled(chosenTexts, index, currentTarget.checked) })
        }
      />
      <div class="candidate-words">
        <input
          class="candidate-task"
          aria-label={t().profiles.writtenFor}
          value={task}
          onInput={({ currentTarget }) =>
            changeChoice({ tasks: new Map(tasks).set(index, currentTarget.value) })
          }
        />
        <p ref={shown} class={isWhole.value ? 'candidate-text whole' : 'candidate-text'}>
          {text}
        </p>
        <p class="candidate-facts">
          {facts(candidate, files.length > 1)}
          {isCut.value && (
            <button
              type="button"
              class="link-button"
              aria-expanded={isWhole.value}
              onClick={() => {
                isWhole.value = !isWhole.value
              }}
            >
              {isWhole.value ? t().import.less : t().import.allOfIt}
            </button>
          )}
        </p>
      </div>
    </li>
  )
}

function facts({ text, date, kind, like, place, file }: Candidate, namesFile: boolean): string {
  const words = wordCount(text)
  const where = namesFile && file !== place ? `${file}, ${place}` : place
  const parts = [
    date,
    t().profiles.words(words),
    kind === 'kept' ? t().import.ratedGood : null,
    like === null ? null : t().import[like],
    where === '' ? null : where,
  ]
  return `${parts.filter((part) => part !== null).join(' · ')} `
}
