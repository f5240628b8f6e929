import type { HistoryEntry } from '../../src/profiles/profile.ts'
import { t } from '../texts/texts.ts'
import { wordCount } from '../word-count.ts'
import { editor, editProfile, savedProfile } from './editor-state.ts'
import { openImport } from './import/import-run.ts'

/** The texts that the user wrote before. */
export function HistoryEditor({ history }: { history: readonly HistoryEntry[] }) {
  const put = (index: number, entry: HistoryEntry) => editProfile({ history: history.with(index, entry) })
  return (
    <fieldset class="history">
      <legend>{t().profiles.history}</legend>
      <p class="hint">{t().profiles.historyHint}</p>
      <div class="import">
        <button type="button" class="button small" onClick={() => void saveAndImport()}>
          {editor.value?.unsaved === null ? t().profiles.bringIn : t().profiles.saveAndBringIn}
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => editProfile({ history: [{ title: '', text: '' }, ...history] })}
        >
          {t().profiles.writeOne}
        </button>
      </div>
      {history.map((entry, index) => (
        <Entry
          key={index}
          entry={entry}
          onChange={(next) => put(index, next)}
          onRemove={() => editProfile({ history: history.toSpliced(index, 1) })}
        />
      ))}
    </fieldset>
  )
}

interface EntryProps {
  readonly entry: HistoryEntry
  readonly onChange: (entry: HistoryEntry) => void
  readonly onRemove: () => void
}

function Entry({ entry, onChange, onRemove }: EntryProps) {
  const heading = entry.title ?? entry.task ?? ''
  const key = entry.task === undefined ? 'title' : 'task'
  const words = wordCount(entry.text)
  return (
    <details class="entry" open={entry.text === ''}>
      <summary>
        <span class="entry-title">{heading === '' ? t().profiles.untitled : heading}</span>
        <span class="hint">
          {entry.date === undefined ? '' : `${entry.date} · `}
          {t().profiles.words(words)}
        </span>
      </summary>
      <div class="form-row">
        <label class="field">
          <span>{key === 'title' ? t().profiles.textTitle : t().profiles.writtenFor}</span>
          <input
            value={heading}
            onInput={({ currentTarget }) => onChange({ ...entry, [key]: currentTarget.value })}
          />
        </label>
        <label class="field">
          <span>{t().profiles.date}</span>
          <input
            placeholder="2025-03-31"
            value={entry.date ?? ''}
            onInput={({ currentTarget }) => onChange({ ...entry, date: currentTarget.value || undefined })}
          />
        </label>
      </div>
      <label class="field">
        <span>{t().profiles.text}</span>
        <textarea
          rows={6}
          value={entry.text}
          onInput={({ currentTarget }) => onChange({ ...entry, text: currentTarget.value })}
        />
      </label>
      <button type="button" class="link-button danger" onClick={onRemove}>
        {t().profiles.removeText}
      </button>
    </details>
  )
}

/** Texts go into the profile as it is saved. */
export async function saveAndImport(): Promise<void> {
  const saved = await savedProfile()
  if (saved !== null) openImport(saved)
}
