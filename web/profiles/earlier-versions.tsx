import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ProfileBackupEntry } from '../../src/proxy/profile-api/profile-wire.ts'
import { listBackups } from '../api/profile-client.ts'
import { restore } from './editor-state.ts'

/** The versions before, to go back to. */
export function EarlierVersions({ id, etag }: { id: string; etag: string }) {
  const backups = useSignal<readonly ProfileBackupEntry[]>([])
  // A new etag means that there may be a new backup.
  useEffect(() => {
    listBackups(id).then(
      (found) => {
        backups.value = found
      },
      () => {
        backups.value = []
      },
    )
  }, [id, etag])
  if (backups.value.length === 0) return <span />
  return (
    <details class="versions">
      <summary>
        {backups.value.length} earlier version{backups.value.length === 1 ? '' : 's'}
      </summary>
      <ul>
        {backups.value.map(({ name, savedAt }) => (
          <li key={name}>
            until {new Date(savedAt).toLocaleString()}{' '}
            <button type="button" class="link-button" onClick={() => void restore(id, name)}>
              Go back to it
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
