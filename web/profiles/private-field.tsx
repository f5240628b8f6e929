import { useSignal } from '@preact/signals'
import { suggestedValues } from '../../src/profiles/suggested-values.ts'
import { t } from '../texts/texts.ts'
import { editor, editProfile } from './editor-state.ts'
import { linesOfValues, valuesOfLines } from './private-lines.ts'

const MOST_SUGGESTED = 8

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
      <Suggested />
    </div>
  )
}

/** Your name, and what the facts name: declared with a click. */
function Suggested() {
  const profile = editor.value?.profile
  const suggested = profile == null ? [] : suggestedValues(profile).slice(0, MOST_SUGGESTED)
  if (suggested.length === 0) return null
  return (
    <>
      <p class="hint" id="private-suggested">
        {t().profiles.privateSuggested}
      </p>
      <ul class="chips" aria-describedby="private-suggested">
        {suggested.map((one) => (
          <li key={one.value}>
            <button
              type="button"
              class="chip"
              onClick={() =>
                editProfile({
                  private: [...(profile?.private ?? []), { ...one, forms: one.forms.slice() }],
                })
              }
            >
              {one.value}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
