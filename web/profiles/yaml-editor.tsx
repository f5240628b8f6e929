import { useEffect, useRef } from 'preact/hooks'
import { profiles } from '../state/session.ts'
import { t } from '../texts/texts.ts'
import { changeEditor, type Editor } from './editor-state.ts'
import { type FileProblem, lineRange, problemLines } from './problem-lines.ts'

/** A profile's file as text, with line numbers; what is wrong with it leads to its line. */
export function YamlEditor({ value }: { value: Editor }) {
  const area = useRef<HTMLTextAreaElement>(null)
  const numbers = useRef<HTMLOListElement>(null)
  const problems = problemsOf(value)
  const wrong = new Set(problems.map(({ line }) => line))
  const lines = value.yaml.split('\n').length
  const show = (line: number) => {
    const { current } = area
    if (current !== null) current.scrollTop = (line / lines) * current.scrollHeight - current.clientHeight / 2
  }
  const goTo = (line: number) => {
    const { start, end } = lineRange(value.yaml, line)
    area.current?.focus()
    area.current?.setSelectionRange(start, end)
    show(line)
  }
  const first = problems.find(({ line }) => line !== null)?.line ?? null
  useEffect(() => {
    if (first !== null) show(first)
  }, [value.problem])
  return (
    <>
      {problems.length > 0 && (
        <ul class="failure file-problems" role="alert">
          {problems.map(({ line, text }) => (
            <li key={`${line} ${text}`}>
              {line !== null && (
                <button type="button" class="link-button danger" onClick={() => goTo(line)}>
                  {t().profiles.line(line)}
                </button>
              )}{' '}
              {text}
            </li>
          ))}
        </ul>
      )}
      <label class="visually-hidden" for="yaml">
        {t().profiles.file}
      </label>
      <div class="yaml-box">
        <ol ref={numbers} class="line-numbers" aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            <li key={index} class={wrong.has(index + 1) ? 'wrong' : undefined} />
          ))}
        </ol>
        <textarea
          ref={area}
          id="yaml"
          class="yaml"
          wrap="off"
          spellcheck={false}
          aria-invalid={problems.length > 0}
          value={value.yaml}
          onScroll={({ currentTarget }) => {
            if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop
          }}
          onInput={({ currentTarget }) =>
            changeEditor({ yaml: currentTarget.value, unsaved: 'yaml', problem: null })
          }
        />
      </div>
    </>
  )
}

/** Of what was not taken, else of a file that is broken as it stands. */
function problemsOf({ id, problem, unsaved }: Editor): readonly FileProblem[] {
  if (problem !== null) return problemLines(problem)
  if (unsaved !== null) return []
  const saved = profiles.value.find((profile) => profile.id === id)?.problems ?? []
  return saved.map(({ line, key, message }) => ({
    line,
    text: key === null ? message : `${key}: ${message}`,
  }))
}
