import { strength } from '../../state/controls.ts'
import { defaultStrength, strengthInUse } from '../../state/session.ts'

const SLIDER_MAX = 3

/** How much the profile counts: c_T. */
export function StrengthSlider() {
  const usual = defaultStrength()
  const value = strengthInUse()
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
        aria-valuetext={`${value.toFixed(2)}, ${inWords(value)}`}
        onInput={({ currentTarget }) => {
          strength.value = currentTarget.valueAsNumber
        }}
      />
      <div class="row hint">
        <span>{inWords(value)}</span>
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
    </div>
  )
}

function inWords(value: number): string {
  if (value === 0) return 'the profile does not count'
  if (value < 0.35) return 'a hint of the profile'
  if (value <= 1.1) return 'clearly the profile’s voice'
  if (value <= 2) return 'more profile than sense, at times'
  return 'as far as it goes'
}
