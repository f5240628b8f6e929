import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ProfileBackupEntry } from '../../src/proxy/profile-api/profile-wire.ts'
import { listBackups } from '../api/profile-client.ts'
import { restore } from './editor-state.ts'

/** The versions before, to go back to. */
export function EarlierVersions({ id, opening }: { id: string; opening: number }) {
  const backups = useSignal<readonly ProfileBackupEntry[]>([])
  useEffect(() => {
    listBackups(id).then(
      (found) => {
        backups.value = found
      },
      () => {
        backups.value = []
      },
    )
  }, [id, opening])
  if (backups.value.length === 0) return <span />
  return (
    <details class="versions">
      <summary>
        {backups.value.length} earlier version{backups.value.length === 1 ? '' : 's'}
      </summary>
      <ul>
        {backups.value.map(({ name, of, savedAt }) => (
          <li key={name}>
            {of === 'texts' ? 'texts brought in, ' : ''}until {new Date(savedAt).toLocaleString()}{' '}
            <button type="button" class="link-button" onClick={() => void restore(id, name)}>
              Go back to it
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
