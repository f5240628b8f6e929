import { asked, running } from '../../state/comparison.ts'
import { strength } from '../../state/controls.ts'
import { defaultStrength, strengthInUse } from '../../state/session.ts'
import { decimal, t } from '../../texts/texts.ts'
import { effectWords } from '../reasons/answer-effect.ts'
import { counted } from '../reasons/current-reasons.ts'

const SLIDER_MAX = 3

/** How much the profile counts: c_T. */
export function StrengthSlider() {
  const usual = defaultStrength()
  const value = strengthInUse()
  const label = measured(value) ?? expected(value)
  return (
    <div class="strength">
      <div class="row">
        <label for="strength">{t().controls.strength}</label>
        <output for="strength">{decimal(value, 2)}</output>
      </div>
      <input
        id="strength"
        type="range"
        min={0}
        max={SLIDER_MAX}
        step={0.05}
        value={Math.min(value, SLIDER_MAX)}
        aria-valuetext={`${decimal(value, 2)}, ${label}`}
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
            {t().controls.backTo(decimal(usual, 2))}
          </button>
        )}
      </div>
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
  return t().controls.measured(changed, words, effectWords(changed, words))
}

/** What a strength does as a rule. */
function expected(value: number): string {
  if (value === 0) return t().controls.expected.none
  if (value < 0.35) return t().controls.expected.hint
  if (value <= 1.1) return t().controls.expected.audible
  return t().controls.expected.tooMuch
}
