import { t } from '../texts/texts.ts'
import { editor, editProfile } from './editor-state.ts'
import { HistoryEditor, saveAndImport } from './history-editor.tsx'
import { idFromName } from './id-from-name.ts'
import { startInterview } from './interview/interview.ts'
import { InterviewDialog } from './interview/interview-dialog.tsx'
import { PrivateField } from './private-field.tsx'
import { StoredTextList } from './stored-texts.tsx'

/** A profile as fields. Lists are texts with one item a line. */
export function ProfileForm() {
  const profile = editor.value?.profile
  if (profile == null) return null
  const texts = t().profiles
  const isNew = editor.value?.id === null
  return (
    <div class="profile-form">
      <div class="form-row">
        <label class="field">
          <span>{texts.name}</span>
          <input
            value={profile.name}
            onInput={({ currentTarget: { value: name } }) => {
              const follows = isNew && profile.id === idFromName(profile.name)
              editProfile({ name, ...(follows ? { id: idFromName(name) } : {}) })
            }}
          />
        </label>
        <label class="field">
          <span>{texts.id}</span>
          <input
            value={profile.id}
            readOnly={!isNew}
            onInput={({ currentTarget }) => editProfile({ id: currentTarget.value })}
          />
        </label>
      </div>
      {isNew && <QuickStart />}
      <PrivateField key={editor.value?.opening} />
      <ListField name="facts" label={texts.facts} hint={texts.factsHint} items={profile.facts} />
      <ListField
        name="preferences"
        label={texts.preferences}
        hint={texts.preferencesHint}
        items={profile.preferences}
      />
      <ListField
        name="writing_style"
        label={texts.style}
        hint={texts.styleHint}
        items={profile.writing_style}
      />
      <label class="field">
        <span>{texts.about}</span>
        <textarea
          rows={4}
          value={profile.about}
          onInput={({ currentTarget }) => editProfile({ about: currentTarget.value })}
        />
      </label>
      <HistoryEditor history={profile.history} />
      {editor.value?.id != null && <StoredTextList id={editor.value.id} opening={editor.value.opening} />}
    </div>
  )
}

/** A name and some texts, or a few answers, are enough to begin with. */
function QuickStart() {
  const texts = t().profiles
  return (
    <section class="quick-start" aria-labelledby="quick-start">
      <h3 id="quick-start">{texts.quickest}</h3>
      <p>{texts.quickestHint}</p>
      <div class="quick-ways">
        <button type="button" class="button primary" onClick={() => void saveAndImport()}>
          {texts.quickestStart}
        </button>
        <button type="button" class="button" onClick={startInterview}>
          {t().interview.start}
        </button>
      </div>
      <InterviewDialog />
    </section>
  )
}

interface ListFieldProps {
  readonly name: 'facts' | 'preferences' | 'writing_style'
  readonly label: string
  readonly hint: string
  readonly items: readonly string[]
}

function ListField({ name, label, hint, items }: ListFieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
      <textarea
        id={name}
        aria-describedby={`${name}-hint`}
        rows={Math.max(3, items.length + 1)}
        value={items.join('\n')}
        onInput={({ currentTarget }) => editProfile({ [name]: currentTarget.value.split('\n') })}
      />
    </div>
  )
}
