// This room owns what a visitor sets before asking: profile, model, strength and question.

import { frequencyPenalty, lookahead, maxTokens, seed, temperature, topP } from '../../state/controls.ts'
import { frequencyPenaltyInUse } from '../../state/session.ts'
import { asWritten, t } from '../../texts/texts.ts'
import { ExpertStrength } from './expert-strength.tsx'
import { ModelPicker } from './model-picker.tsx'
import { ProfilePicker } from './profile-picker.tsx'
import { StrengthSlider } from './strength-slider.tsx'
import { ToolsField } from './tools-field.tsx'

/** Who answers, and how. */
export function ControlsPanel() {
  const texts = t().controls
  return (
    <aside class="controls" aria-label={texts.label}>
      <ProfilePicker />
      <ModelPicker />
      <StrengthSlider />
      <details class="more">
        <summary>{texts.more}</summary>
        <div class="field-grid">
          <FractionField label={texts.temperature} value={temperature} min={0} max={2} />
          <FractionField label={texts.topP} value={topP} min={0.05} max={1} />
          <FractionField label={texts.repetition} value={penalty} min={0} max={2} />
          <NumberField label={texts.seed} value={seed} min={0} max={2 ** 31 - 1} step={1} />
          <NumberField label={texts.maxTokens} value={maxTokens} min={1} max={4096} step={1} />
          <label class="field">
            <span>{texts.lookahead}</span>
            <select
              value={lookahead.value}
              onChange={({ currentTarget }) => {
                lookahead.value = currentTarget.value === 'off' ? 'off' : 'auto'
              }}
            >
              <option value="auto">{texts.automatic}</option>
              <option value="off">{texts.off}</option>
            </select>
          </label>
        </div>
        <p class="hint">{texts.seedHint}</p>
        <ToolsField />
        <ExpertStrength />
      </details>
    </aside>
  )
}

/** The model's own until another is entered. */
const penalty = {
  get value() {
    return frequencyPenaltyInUse()
  },
  set value(entered: number) {
    frequencyPenalty.value = entered
  },
}

/** A signal, or what stands for one. */
interface Settable {
  value: number
}

interface NumberFieldProps {
  readonly label: string
  readonly value: Settable
  readonly min: number
  readonly max: number
  readonly step: number
}

/** A number with a fraction. The browser would write it in its own language, which may be another. */
function FractionField({ label, value, min, max }: Omit<NumberFieldProps, 'step'>) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        inputMode="decimal"
        value={asWritten(value.value)}
        onChange={({ currentTarget }) => {
          const entered = currentTarget.value.trim().replace(',', '.')
          take(value, entered === '' ? Number.NaN : Number(entered), [min, max])
          currentTarget.value = asWritten(value.value)
        }}
      />
    </label>
  )
}

/** Takes a number that was entered, as far as it is allowed; what is no number leaves the one before. */
function take(value: Settable, entered: number, [min, max]: readonly [number, number]): void {
  if (Number.isFinite(entered)) value.value = Math.min(max, Math.max(min, entered))
}

function NumberField({ label, value, min, max, step }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        value={value.value}
        min={min}
        max={max}
        step={step}
        onChange={({ currentTarget }) => {
          take(value, currentTarget.valueAsNumber, [min, max])
          currentTarget.value = String(value.value)
        }}
      />
    </label>
  )
}
