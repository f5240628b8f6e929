import { ask, running, stop } from '../../state/comparison.ts'
import { examplePrompts, prompt } from '../../state/controls.ts'
import { t } from '../../texts/texts.ts'

/** The question, some examples, and the button that asks it. */
export function PromptForm() {
  return (
    <form
      class="prompt-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!running.value) void ask()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void ask()
      }}
    >
      <h1>{t().compare.heading}</h1>
      <label class="visually-hidden" for="prompt">
        {t().compare.question}
      </label>
      <div class="prompt-box">
        <textarea
          id="prompt"
          rows={2}
          value={prompt.value}
          onInput={({ currentTarget }) => {
            prompt.value = currentTarget.value
          }}
        />
        <Submit />
      </div>
      <ul class="chips" aria-label={t().compare.examples}>
        {examplePrompts.map((example) => (
          <li key={example}>
            <button
              type="button"
              class="chip"
              aria-pressed={prompt.value === example}
              onClick={() => {
                prompt.value = example
                if (!running.value) void ask()
              }}
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
    </form>
  )
}

/** Two buttons with keys: one that turned into the other would also submit the form that it stopped. */
function Submit() {
  if (running.value) {
    return (
      <button key="stop" type="button" class="button" onClick={stop}>
        {t().stop}
      </button>
    )
  }
  return (
    <button
      key="ask"
      type="submit"
      class="button primary"
      title="Ctrl + Enter"
      disabled={prompt.value.trim() === ''}
    >
      {t().compare.ask}
    </button>
  )
}
