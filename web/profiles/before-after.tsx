import type { ComponentChildren } from 'preact'
import { AnnotatedText } from '../compare/annotated-text.tsx'
import { Waiting } from '../compare/waiting.tsx'
import { type Answer, isRunning } from '../state/answer.ts'
import { answeredAs, ask, asked, plain, running, steered, stop } from '../state/comparison.ts'
import { picked, prompt } from '../state/controls.ts'
import { t } from '../texts/texts.ts'
import { type Editor, savedProfile } from './editor-state.ts'

/** A question answered without the profile that is edited, and with it as it is saved. */
export function BeforeAfter({ value }: { value: Editor }) {
  const texts = t().beforeAfter
  const isOwn = value.id !== null && asked.value?.profile === value.id
  return (
    <section class="before-after" aria-labelledby="before-after">
      <h3 id="before-after">{texts.title}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void saveAndAsk()
        }}
      >
        <label class="field">
          <span>{t().compare.question}</span>
          <textarea
            rows={2}
            value={prompt.value}
            onInput={({ currentTarget }) => {
              prompt.value = currentTarget.value
            }}
          />
        </label>
        <Submit isUnsaved={value.unsaved !== null} />
      </form>
      {isOwn && isOlder(value) && <p class="outdated">{texts.older}</p>}
      {!isOwn && <p class="hint">{texts.empty}</p>}
      {isOwn && (
        <>
          <h4>{t().compare.plain}</h4>
          <Side answer={plain.value} reading={t().compare.plainReading}>
            <p class="answer-text">{plain.value.text}</p>
          </Side>
          <h4 class="steered">{t().compare.steered}</h4>
          <Side answer={steered.value} reading={t().compare.steeredReading}>
            <AnnotatedText />
          </Side>
        </>
      )}
    </section>
  )
}

function Submit({ isUnsaved }: { isUnsaved: boolean }) {
  if (running.value) {
    return (
      <button key="stop" type="button" class="button small" onClick={stop}>
        {t().stop}
      </button>
    )
  }
  return (
    <button key="ask" type="submit" class="button small" disabled={prompt.value.trim() === ''}>
      {isUnsaved ? t().beforeAfter.saveAndAsk : t().compare.ask}
    </button>
  )
}

interface SideProps {
  readonly answer: Answer
  readonly reading: string
  readonly children: ComponentChildren
}

function Side({ answer, reading, children }: SideProps) {
  return (
    <div aria-busy={isRunning(answer)}>
      {answer.status === 'waiting' && <Waiting reading={reading} share={answer.readShare} example={null} />}
      {children}
      {answer.failure !== null && (
        <p class="failure" role="alert">
          {answer.failure}
        </p>
      )}
    </div>
  )
}

/** Whether the profile was changed since the answers came. */
function isOlder({ unsaved, profile }: Editor): boolean {
  const { value: then } = answeredAs
  return unsaved !== null || (then !== null && JSON.stringify(then) !== JSON.stringify(profile))
}

/** Answers use profiles as they are saved. */
async function saveAndAsk(): Promise<void> {
  if (running.value) return
  const saved = await savedProfile()
  if (saved === null) return
  picked.value = saved.id
  await ask()
}
