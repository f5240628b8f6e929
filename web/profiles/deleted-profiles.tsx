import { deletedProfiles } from '../state/session.ts'
import { language, t } from '../texts/texts.ts'
import { restore } from './editor-state.ts'

/** The profiles that were deleted, each of which can be put back as it was. */
export function DeletedProfiles() {
  const { value: deleted } = deletedProfiles
  if (deleted.length === 0) return null
  return (
    <details class="versions">
      <summary>{t().profiles.deleted(deleted.length)}</summary>
      <ul>
        {deleted.map(({ id, deletedAt }) => (
          <li key={id}>
            {id}, {new Date(deletedAt).toLocaleString(language.value)}{' '}
            <button
              type="button"
              class="link-button"
              aria-label={t().profiles.bringBackOf(id)}
              onClick={() => void restore(id)}
            >
              {t().profiles.bringBack}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
