import { exampleTools, offeredTools, toolsText } from '../../state/offered-tools.ts'
import { t } from '../../texts/texts.ts'

/** Functions that are offered to the model with each question. */
export function ToolsField() {
  const { problem } = offeredTools.value
  return (
    <div class="field">
      <label for="tools">{t().controls.tools}</label>
      <p class="hint" id="tools-hint">
        {t().controls.toolsHint}{' '}
        {toolsText.value === '' && (
          <button
            type="button"
            class="link-button"
            onClick={() => {
              toolsText.value = JSON.stringify(exampleTools, null, 2)
            }}
          >
            {t().controls.example}
          </button>
        )}
      </p>
      <textarea
        id="tools"
        class="tools-json"
        rows={2}
        spellcheck={false}
        aria-describedby={problem === null ? 'tools-hint' : 'tools-hint tools-problem'}
        aria-invalid={problem !== null}
        value={toolsText.value}
        onInput={({ currentTarget }) => {
          toolsText.value = currentTarget.value
        }}
      />
      {problem !== null && (
        <p class="field-problem" id="tools-problem">
          {problem}
        </p>
      )}
    </div>
  )
}
