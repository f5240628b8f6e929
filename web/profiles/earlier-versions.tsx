import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ProfileBackupEntry } from '../../src/proxy/profile-api/profile-wire.ts'
import { listBackups } from '../api/profile-client.ts'
import { language, t } from '../texts/texts.ts'
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
      <summary>{t().profiles.earlier(backups.value.length)}</summary>
      <ul>
        {backups.value.map(({ name, of, savedAt }) => (
          <li key={name}>
            {of === 'texts' ? t().profiles.textsIn : ''}
            {t().profiles.until(new Date(savedAt).toLocaleString(language.value))}{' '}
            <button type="button" class="link-button" onClick={() => void restore(id, name)}>
              {t().profiles.goBack}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
