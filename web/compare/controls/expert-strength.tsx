import {
  type FtrlParameters,
  ftrlStrength,
  paperParameters,
} from '../../../src/steer/strength/ftrl-strength.ts'
import { expert, strength } from '../../state/controls.ts'
import { decimal, t } from '../../texts/texts.ts'

const fields = [
  { key: 'iterations', label: 'T', name: null, min: 0, step: 1 },
  { key: 'alpha', label: 'α', name: 'alpha', min: 0, step: 0.1 },
  { key: 'beta', label: 'β', name: 'beta', min: 0, step: 0.1 },
  { key: 'lambda', label: 'λ', name: 'lambda', min: 0.01, step: 0.1 },
  { key: 'eta', label: 'η', name: 'eta', min: 0.01, step: 1 },
] as const satisfies readonly { key: keyof FtrlParameters; [more: string]: unknown }[]

const STRONGEST = 20

/** The five parameters of the published update, which act through one number. */
export function ExpertStrength() {
  const texts = t().controls
  const result = ftrlStrength(expert.value)
  const usable = Number.isFinite(result) && result >= 0 && result <= STRONGEST
  return (
    <details class="expert">
      <summary>{texts.expert}</summary>
      <p class="hint">{texts.expertHint}</p>
      <div class="expert-fields">
        {fields.map(({ key, label, name, min, step }) => (
          <label class="field" key={key}>
            <span>
              {label} <span class="visually-hidden">({name ?? texts.steps})</span>
            </span>
            <input
              type="number"
              min={min}
              step={step}
              max={key === 'iterations' ? 1000 : undefined}
              value={expert.value[key]}
              onInput={({ currentTarget }) => {
                const entered = currentTarget.valueAsNumber
                if (entered >= min) expert.value = { ...expert.value, [key]: entered }
              }}
            />
          </label>
        ))}
      </div>
      <div class="row">
        <span>
          c<sub>T</sub> = <output>{usable ? decimal(result, 4) : texts.outOfRange}</output>
        </span>
        <button
          type="button"
          class="button small"
          disabled={!usable}
          onClick={() => {
            strength.value = result
          }}
        >
          {texts.use}
        </button>
      </div>
      <button
        type="button"
        class="link-button"
        onClick={() => {
          expert.value = paperParameters
        }}
      >
        {texts.paper}
      </button>
    </details>
  )
}
