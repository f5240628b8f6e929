import { exampleTools, offeredTools, toolsText } from '../../state/offered-tools.ts'

/** Functions that are offered to the model with each question. */
export function ToolsField() {
  const { problem } = offeredTools.value
  return (
    <div class="field">
      <label for="tools">Tools</label>
      <p class="hint" id="tools-hint">
        Functions that the model may call, as JSON. Calls are shown, and nothing runs them.{' '}
        {toolsText.value === '' && (
          <button
            type="button"
            class="link-button"
            onClick={() => {
              toolsText.value = JSON.stringify(exampleTools, null, 2)
            }}
          >
            an example
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
