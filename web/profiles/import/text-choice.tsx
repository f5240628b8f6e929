import { useSignal } from '@preact/signals'
import { t } from '../../texts/texts.ts'
import { newOnes } from './candidate.ts'
import { CandidateRow } from './candidate-row.tsx'
import { leftOutWords, recognised, textsAndFacts } from './found-words.ts'
import { addChosen, type Choice, changeChoice, startOver } from './import-run.ts'
import { toggled } from './toggled.ts'

/** Rows that are shown at first, and more of them with each press. */
const PAGE = 50

/** What was found, each with a box to tick: nothing is added before its reader says so. */
export function TextChoice({ choice, adding }: { choice: Choice; adding: boolean }) {
  const shown = useSignal(PAGE)
  const words = t().import
  const { files, texts, facts, chosenTexts, chosenFacts } = choice
  const known = texts.filter(({ like }) => like !== null).length
  const total = chosenTexts.size + chosenFacts.size
  if (texts.length + facts.length === 0) {
    return (
      <>
        <p>
          {recognised(files)} {words.nothing} {leftOutWords(files)}
        </p>
        <div class="modal-foot">
          <button type="button" class="button" onClick={startOver}>
            {words.otherFiles}
          </button>
        </div>
      </>
    )
  }
  return (
    <>
      <p class="import-summary">
        {recognised(files)} <b>{textsAndFacts(texts.length, facts.length)}</b> {words.found}
        {known > 0 && words.known(known)}. {leftOutWords(files)}
      </p>
      <div class="choice-bar">
        <span role="status">
          {textsAndFacts(chosenTexts.size, chosenFacts.size)} {words.chosen}
        </span>
        <span>
          <button
            type="button"
            class="link-button"
            onClick={() => changeChoice({ chosenTexts: newOnes(texts), chosenFacts: newOnes(facts) })}
          >
            {words.allNew}
          </button>{' '}
          <button
            type="button"
            class="link-button"
            onClick={() => changeChoice({ chosenTexts: new Set(), chosenFacts: new Set() })}
          >
            {words.none}
          </button>
        </span>
      </div>
      <div class="choice-list" tabIndex={0} role="group" aria-label={words.whatFound}>
        {choice.habits.length > 0 && <Habits choice={choice} />}
        {facts.length > 0 && <Facts choice={choice} />}
        <ol class="candidates">
          {texts.slice(0, shown.value).map((candidate, index) => (
            <CandidateRow key={index} candidate={candidate} index={index} choice={choice} />
          ))}
        </ol>
        {texts.length > shown.value && (
          <button
            type="button"
            class="button small"
            onClick={() => {
              shown.value += PAGE
            }}
          >
            {words.showMore(texts.length - shown.value)}
          </button>
        )}
      </div>
      <div class="modal-foot">
        <button type="button" class="link-button" onClick={startOver}>
          {words.otherFiles}
        </button>
        <button
          type="button"
          class="button primary"
          disabled={adding || total === 0}
          onClick={() => void addChosen()}
        >
          {adding ? words.adding : words.add(textsAndFacts(chosenTexts.size, chosenFacts.size))}
        </button>
      </div>
    </>
  )
}

function Habits({ choice: { habits, chosenHabits } }: { choice: Choice }) {
  return (
    <fieldset class="found-facts">
      <legend>{t().import.habits}</legend>
      {habits.map((habit, index) => (
        <label class="check" key={habit}>
          <input
            type="checkbox"
            checked={chosenHabits.has(index)}
            onChange={({ currentTarget }) =>
              changeChoice({ chosenHabits: toggled(chosenHabits, index, currentTarget.checked) })
            }
          />
          <span>{habit}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Facts({ choice: { facts, chosenFacts } }: { choice: Choice }) {
  return (
    <fieldset class="found-facts">
      <legend>{t().import.facts}</legend>
      {facts.map(({ text, like }, index) => (
        <label class="check" key={text}>
          <input
            type="checkbox"
            checked={chosenFacts.has(index)}
            disabled={like !== null}
            onChange={({ currentTarget }) =>
              changeChoice({ chosenFacts: toggled(chosenFacts, index, currentTarget.checked) })
            }
          />
          <span>{text}</span>
          {like !== null && <span class="hint">{t().import.hasIt}</span>}
        </label>
      ))}
    </fieldset>
  )
}
