import { useEffect } from 'preact/hooks'
import { profiles } from '../state/session.ts'
import { t } from '../texts/texts.ts'
import { BeforeAfter } from './before-after.tsx'
import { EarlierVersions } from './earlier-versions.tsx'
import { changeEditor, type Editor, editor, openProfile, remove, save } from './editor-state.ts'
import { PreviewPane } from './preview-pane.tsx'
import { ProfileForm } from './profile-form.tsx'
import { YamlEditor } from './yaml-editor.tsx'

const modes = ['form', 'yaml', 'preview'] as const satisfies readonly Editor['mode'][]

/** The open profile: as a form, as its file's text, and as the prompt that it becomes. */
export function ProfileEditor() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      void save()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const { value } = editor
  if (value === null) return null
  return (
    <section class="card editor" aria-label={t().profiles.editor}>
      <Toolbar value={value} />
      {isEmpty(value) && <p class="editor-note">{t().profiles.empty}</p>}
      {value.problem !== null && value.mode !== 'yaml' && (
        <p class="failure" role="alert">
          {value.problem}
        </p>
      )}
      {value.mode === 'form' && (
        <div class="form-beside">
          <ProfileForm />
          <BeforeAfter value={value} />
        </div>
      )}
      {value.mode === 'yaml' && <YamlEditor value={value} />}
      {value.mode === 'preview' && value.id !== null && <PreviewPane id={value.id} />}
      {value.id !== null && (
        <footer class="editor-foot">
          <EarlierVersions id={value.id} opening={value.opening} />
          <button type="button" class="link-button danger" onClick={() => void remove(value.id ?? '')}>
            {t().profiles.delete}
          </button>
        </footer>
      )}
    </section>
  )
}

/** Whether the profile as it is saved says nothing of its user, so that it changes nothing. */
function isEmpty({ id, unsaved }: Editor): boolean {
  return unsaved === null && profiles.value.find((profile) => profile.id === id)?.empty === true
}

function Toolbar({ value }: { value: Editor }) {
  const { id, mode, unsaved, profile } = value
  return (
    <header class="editor-bar">
      <fieldset class="segments">
        <legend class="visually-hidden">{t().profiles.view}</legend>
        {modes.map((item) => (
          <button
            key={item}
            type="button"
            aria-pressed={mode === item}
            disabled={
              (id === null && item !== 'form') ||
              (profile === null && item !== 'yaml') ||
              (unsaved !== null && item !== unsaved)
            }
            title={unsaved !== null && item !== unsaved ? t().profiles.saveFirst : undefined}
            onClick={() => changeEditor({ mode: item })}
          >
            {t().profiles[item]}
          </button>
        ))}
      </fieldset>
      <span class="editor-actions">
        {unsaved !== null && id !== null && (
          <button
            type="button"
            class="link-button"
            onClick={() => {
              changeEditor({ unsaved: null })
              void openProfile(id, mode)
            }}
          >
            {t().profiles.discard}
          </button>
        )}
        <button type="button" class="button primary" disabled={unsaved === null} onClick={() => void save()}>
          {t().profiles.save}
        </button>
      </span>
    </header>
  )
}
