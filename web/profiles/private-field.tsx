import { useSignal } from '@preact/signals'
import { t } from '../texts/texts.ts'
import { editor, editProfile } from './editor-state.ts'
import { linesOfValues, valuesOfLines } from './private-lines.ts'

/** What must not leave this machine, one value a line. */
export function PrivateField() {
  const values = editor.value?.profile?.private ?? []
  // What one types is kept as it is while it says the same
  const typed = useSignal(linesOfValues(values))
  const isSame = JSON.stringify(valuesOfLines(typed.value)) === JSON.stringify(values)
  const shown = isSame ? typed.value : linesOfValues(values)
  return (
    <div class="field">
      <label for="private">{t().profiles.private}</label>
      <p class="hint" id="private-hint">
        {t().profiles.privateHint} <code>person: Noor Lindqvist | Noor</code>
      </p>
      <textarea
        id="private"
        aria-describedby="private-hint"
        spellcheck={false}
        rows={Math.max(3, shown.split('\n').length + 1)}
        value={shown}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value
          editProfile({ private: valuesOfLines(currentTarget.value) })
        }}
      />
    </div>
  )
}
