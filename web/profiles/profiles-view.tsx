// This room owns the list of profiles and their editing. A profile's text goes to the gateway of this page
// and nowhere else.

import { useEffect } from 'preact/hooks'
import { profiles } from '../state/session.ts'
import { t } from '../texts/texts.ts'
import { DeletedProfiles } from './deleted-profiles.tsx'
import { editor, openFirst, openProfile, startNew } from './editor-state.ts'
import { ImportDialog } from './import/import-dialog.tsx'
import { ProfileEditor } from './profile-editor.tsx'

/** The profiles of this gateway, one of them open. */
export function ProfilesView() {
  // The list may come after the view.
  const hasSome = profiles.value.length > 0
  useEffect(() => void openFirst(), [hasSome])
  const texts = t().profiles
  return (
    <div class="profiles-view">
      <nav class="profile-list" aria-label={texts.title}>
        <h1>{texts.title}</h1>
        <ul>
          {profiles.value.map(({ id, name, summary, problems, empty }) => (
            <li key={id}>
              <button
                type="button"
                aria-current={editor.value?.id === id ? 'true' : undefined}
                onClick={() => void openProfile(id)}
              >
                <span class="profile-name">{name}</span>
                <span class="profile-summary">
                  {problems.length > 0
                    ? texts.problems(problems.length)
                    : empty
                      ? texts.emptySummary
                      : summary}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <button type="button" class="button small" onClick={startNew}>
          {texts.new}
        </button>
        <DeletedProfiles />
      </nav>
      {editor.value === null ? <p class="page-note">{texts.none}</p> : <ProfileEditor />}
      <ImportDialog />
    </div>
  )
}
