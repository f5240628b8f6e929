import { deletedProfiles } from '../state/session.ts'
import { restore } from './editor-state.ts'

/** The profiles that were deleted, each of which can be put back as it was. */
export function DeletedProfiles() {
  const { value: deleted } = deletedProfiles
  if (deleted.length === 0) return null
  return (
    <details class="versions">
      <summary>
        {deleted.length} deleted profile{deleted.length === 1 ? '' : 's'}
      </summary>
      <ul>
        {deleted.map(({ id, deletedAt }) => (
          <li key={id}>
            {id}, {new Date(deletedAt).toLocaleString()}{' '}
            <button
              type="button"
              class="link-button"
              aria-label={`Bring ${id} back`}
              onClick={() => void restore(id)}
            >
              Bring it back
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
