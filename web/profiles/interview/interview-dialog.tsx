import type { ComponentChildren } from 'preact'
import { Modal } from '../../modal.tsx'
import { t } from '../../texts/texts.ts'
import { toggled } from '../import/toggled.ts'
import { answer, finishInterview, interview, stopInterview } from './interview.ts'
import { type InterviewAnswers, privateChoices } from './interview-answers.ts'

/** Six short questions on one screen. */
export function InterviewDialog() {
  const { value } = interview
  if (value === null) return null
  const { answers } = value
  const texts = t().interview
  return (
    <Modal title={texts.title} wide onClose={stopInterview}>
      <form
        class="modal-body interview"
        onSubmit={(event) => {
          event.preventDefault()
          finishInterview()
        }}
      >
        <p class="hint">{texts.hint}</p>
        <Question title={texts.called}>
          <Line name="name" answers={answers} label={texts.name} example={texts.examples.name} required />
        </Question>
        <Question title={texts.letters}>
          <div class="interview-row">
            <Line
              name="greeting"
              answers={answers}
              label={texts.greeting}
              example={texts.examples.greeting}
            />
            <Line name="signOff" answers={answers} label={texts.signOff} example={texts.examples.signOff} />
          </div>
        </Question>
        <Question title={texts.style}>
          <div class="interview-row">
            <Choice name="length" answers={answers} values={['short', null, 'long']} />
            <Choice name="tone" answers={answers} values={['relaxed', null, 'formal']} />
          </div>
          <Line name="phrases" answers={answers} label={texts.phrases} example={texts.examples.phrases} />
        </Question>
        <Question title={texts.about}>
          <div class="interview-row thirds">
            <Line name="work" answers={answers} label={texts.work} example={texts.examples.work} />
            <Line name="place" answers={answers} label={texts.place} example={texts.examples.place} />
            <Line name="people" answers={answers} label={texts.people} example={texts.examples.people} />
          </div>
        </Question>
        <Question title={texts.private}>
          <PrivateChoice answers={answers} />
        </Question>
        <Question title={texts.request}>
          <label class="field">
            <span>{texts.reply}</span>
            <textarea
              rows={3}
              placeholder={texts.examples.reply}
              value={answers.reply}
              onInput={({ currentTarget }) => answer({ reply: currentTarget.value })}
            />
          </label>
        </Question>
        <div class="modal-foot">
          <button type="button" class="link-button" onClick={stopInterview}>
            {t().close}
          </button>
          <button type="submit" class="button primary">
            {texts.finish}
          </button>
        </div>
      </form>
    </Modal>
  )
}

function Question({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <fieldset class="question">
      <legend>{title}</legend>
      {children}
    </fieldset>
  )
}

type LineName = 'name' | 'greeting' | 'signOff' | 'phrases' | 'work' | 'place' | 'people'

interface LineProps {
  readonly name: LineName
  readonly answers: InterviewAnswers
  readonly label: string
  readonly example: string
  readonly required?: boolean
}

function Line({ name, answers, label, example, required = false }: LineProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        required={required}
        // Blanks alone are no answer.
        {...(required ? { pattern: '.*\\S.*' } : {})}
        autocomplete="off"
        placeholder={example}
        value={answers[name]}
        onInput={({ currentTarget }) => answer({ [name]: currentTarget.value })}
      />
    </label>
  )
}

interface ChoiceProps<Name extends 'length' | 'tone'> {
  readonly name: Name
  readonly answers: InterviewAnswers
  readonly values: readonly InterviewAnswers[Name][]
}

function Choice<Name extends 'length' | 'tone'>({ name, answers, values }: ChoiceProps<Name>) {
  const texts = t().interview
  return (
    <fieldset class="interview-choice">
      <legend>{texts[name]}</legend>
      {values.map((value) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={answers[name] === value}
            onChange={() => answer({ [name]: value })}
          />
          {value === null ? texts.between : texts.choices[value]}
        </label>
      ))}
    </fieldset>
  )
}

/** What of the answers so far could be private; nothing is ticked before its owner does. */
function PrivateChoice({ answers }: { answers: InterviewAnswers }) {
  const values = privateChoices(answers)
  const texts = t().interview
  return (
    <>
      <p class="hint">{values.length === 0 ? texts.noneYet : texts.privateHint}</p>
      <div class="interview-private">
        {values.map(({ value }) => (
          <label key={value}>
            <input
              type="checkbox"
              checked={answers.chosenPrivate.has(value)}
              onChange={({ currentTarget }) =>
                answer({ chosenPrivate: toggled(answers.chosenPrivate, value, currentTarget.checked) })
              }
            />
            {value}
          </label>
        ))}
      </div>
    </>
  )
}
