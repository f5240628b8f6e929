import type { ProfileEntry } from '../../../src/proxy/profile-api/profile-wire.ts'
import { picked } from '../../state/controls.ts'
import { pickProfile } from '../../state/first-questions.ts'
import { mayEditProfiles, profiles, view } from '../../state/session.ts'
import { t } from '../../texts/texts.ts'

/** The profiles as cards, one of them chosen. */
export function ProfilePicker() {
  if (!mayEditProfiles()) return <p class="hint">{t().controls.ownProfile}</p>
  if (profiles.value.length === 0) {
    return (
      <div class="no-profiles">
        <p>{t().controls.noProfile}</p>
        <button
          type="button"
          class="button small"
          onClick={() => {
            view.value = 'profiles'
          }}
        >
          {t().controls.writeOne}
        </button>
      </div>
    )
  }
  return (
    <fieldset class="profile-picker">
      <legend>{t().controls.answerAs}</legend>
      {profiles.value.map((profile) => (
        <ProfileCard key={profile.id} profile={profile} />
      ))}
    </fieldset>
  )
}

function ProfileCard({ profile: { id, name, summary, problems, empty } }: { profile: ProfileEntry }) {
  const neverRead = summary === '' && problems.length > 0
  return (
    <label class="profile-card">
      <input
        type="radio"
        name="profile"
        value={id}
        checked={picked.value === id}
        disabled={neverRead}
        onChange={() => pickProfile(id)}
      />
      <span class="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <span class="profile-words">
        <span class="profile-name">{name}</span>
        <span class="profile-summary">
          {neverRead ? t().controls.broken : empty ? t().controls.saysNothing : summary}
        </span>
      </span>
    </label>
  )
}

function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => word !== '')
  const last = words.length > 1 ? words.at(-1) : undefined
  return [words[0], last]
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}
