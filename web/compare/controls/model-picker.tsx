import type { ModelSettings } from '../../../src/proxy/settings-route.ts'
import { chosenModel, models, pickModel } from '../../state/session.ts'
import { t } from '../../texts/texts.ts'

/** Which model answers, where the gateway serves more than one. */
export function ModelPicker() {
  if (models().length < 2) return null
  return (
    <label class="field">
      <span>{t().controls.model}</span>
      <select value={chosenModel()?.id} onChange={({ currentTarget }) => pickModel(currentTarget.value)}>
        {models().map((model) => (
          <option key={model.id} value={model.id}>
            {label(model)}
          </option>
        ))}
      </select>
    </label>
  )
}

function label({ id, upstream }: ModelSettings): string {
  return upstream === null || upstream === id ? id : `${id} (${upstream})`
}
