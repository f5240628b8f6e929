// This room owns what a visitor sets before asking: profile, model, strength and question.

import type { Signal } from '@preact/signals'
import { frequencyPenalty, lookahead, maxTokens, seed, temperature, topP } from '../../state/controls.ts'
import { t } from '../../texts/texts.ts'
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
          <NumberField label={texts.temperature} value={temperature} min={0} max={2} step={0.1} />
          <NumberField label={texts.topP} value={topP} min={0.05} max={1} step={0.05} />
          <NumberField label={texts.repetition} value={frequencyPenalty} min={0} max={2} step={0.1} />
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

interface NumberFieldProps {
  readonly label: string
  readonly value: Signal<number>
  readonly min: number
  readonly max: number
  readonly step: number
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
          const entered = currentTarget.valueAsNumber
          if (Number.isFinite(entered)) value.value = Math.min(max, Math.max(min, entered))
          currentTarget.value = String(value.value)
        }}
      />
    </label>
  )
}
