import { useSignal } from '@preact/signals'
import { t } from '../../texts/texts.ts'
import { readFiles } from './import-run.ts'
import { pastedTexts } from './pasted-texts.ts'

/** Where texts are pasted that lie in no file. */
export function PasteArea() {
  const pasted = useSignal('')
  const texts = pastedTexts(pasted.value)
  const words = t().import
  return (
    <form
      class="paste-area"
      onSubmit={(event) => {
        event.preventDefault()
        const files = texts.map((text, index) => new File([text], `${words.pasted(index + 1)}.txt`))
        void readFiles(files, { areUntitled: true })
      }}
    >
      <label class="field">
        <span>{words.paste}</span>
        <textarea
          rows={5}
          aria-describedby="paste-hint"
          value={pasted.value}
          onInput={({ currentTarget }) => {
            pasted.value = currentTarget.value
          }}
        />
      </label>
      <div class="row">
        <p class="hint" id="paste-hint">
          {words.pasteHint}
        </p>
        <button type="submit" class="button primary" disabled={texts.length === 0}>
          {words.read(texts.length)}
        </button>
      </div>
    </form>
  )
}
