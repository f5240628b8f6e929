import { asked, running } from '../../state/comparison.ts'
import { strength } from '../../state/controls.ts'
import { defaultStrength, strengthInUse } from '../../state/session.ts'
import { effectWords } from '../reasons/answer-effect.ts'
import { counted, excess } from '../reasons/current-reasons.ts'

const SLIDER_MAX = 3

/** How much the profile counts: c_T. */
export function StrengthSlider() {
  const usual = defaultStrength()
  const value = strengthInUse()
  const label = measured(value) ?? expected(value)
  // Not looked for in a text that still grows
  const warning = running.value || !isAnswered(value) ? null : excess.value
  return (
    <div class="strength">
      <div class="row">
        <label for="strength">Strength</label>
        <output for="strength">{value.toFixed(2)}</output>
      </div>
      <input
        id="strength"
        type="range"
        min={0}
        max={SLIDER_MAX}
        step={0.05}
        value={Math.min(value, SLIDER_MAX)}
        aria-valuetext={`${value.toFixed(2)}, ${label}`}
        onInput={({ currentTarget }) => {
          strength.value = currentTarget.valueAsNumber
        }}
      />
      <div class="row hint">
        <span>{label}</span>
        {Math.abs(value - usual) > 0.001 && (
          <button
            type="button"
            class="link-button"
            onClick={() => {
              strength.value = null
            }}
          >
            back to {usual.toFixed(2)}
          </button>
        )}
      </div>
      {warning !== null && <p class="too-strong">{warning}</p>}
    </div>
  )
}

/** Whether the answer that is shown was made at this strength. */
function isAnswered(value: number): boolean {
  return asked.value !== null && Math.abs(asked.value.strength - value) < 0.001
}

/** What a strength did to the answer that is shown; null for one that was not tried on it. */
function measured(value: number): string | null {
  const { words, changed } = counted.value
  if (words === 0 || running.value || !isAnswered(value)) return null
  return `${changed} of ${words} words: ${effectWords(changed, words)}`
}

/** What a strength does as a rule. */
function expected(value: number): string {
  if (value === 0) return 'the profile does not count'
  if (value < 0.35) return 'ask to see: a hint, as a rule'
  if (value <= 1.1) return 'ask to see: audible, as a rule'
  return 'ask to see: often too much'
}
