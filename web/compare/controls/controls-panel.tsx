// This room owns what a visitor sets before asking: profile, model, strength and question.

import type { Signal } from '@preact/signals'
import { frequencyPenalty, lookahead, maxTokens, seed, temperature, topP } from '../../state/controls.ts'
import { ExpertStrength } from './expert-strength.tsx'
import { ModelPicker } from './model-picker.tsx'
import { ProfilePicker } from './profile-picker.tsx'
import { StrengthSlider } from './strength-slider.tsx'
import { ToolsField } from './tools-field.tsx'

/** Who answers, and how. */
export function ControlsPanel() {
  return (
    <aside class="controls" aria-label="Profile and settings">
      <ProfilePicker />
      <ModelPicker />
      <StrengthSlider />
      <details class="more">
        <summary>More settings</summary>
        <div class="field-grid">
          <NumberField label="Temperature" value={temperature} min={0} max={2} step={0.1} />
          <NumberField label="Top p" value={topP} min={0.05} max={1} step={0.05} />
          <NumberField label="Against repetition" value={frequencyPenalty} min={0} max={2} step={0.1} />
          <NumberField label="Seed" value={seed} min={0} max={2 ** 31 - 1} step={1} />
          <NumberField label="Max tokens" value={maxTokens} min={1} max={4096} step={1} />
          <label class="field">
            <span>Lookahead</span>
            <select
              value={lookahead.value}
              onChange={({ currentTarget }) => {
                lookahead.value = currentTarget.value === 'off' ? 'off' : 'auto'
              }}
            >
              <option value="auto">automatic</option>
              <option value="off">off</option>
            </select>
          </label>
        </div>
        <p class="hint">
          The same seed gives the same answers again. At temperature 0, every difference comes from the
          profile.
        </p>
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
