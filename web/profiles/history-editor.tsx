import type { HistoryEntry } from '../../src/profiles/profile.ts'
import { notify } from '../notices.tsx'
import { editor, editProfile } from './editor-state.ts'
import { importTexts } from './import-texts.ts'

/** The texts that the user wrote before. */
export function HistoryEditor({ history }: { history: readonly HistoryEntry[] }) {
  const put = (index: number, entry: HistoryEntry) => editProfile({ history: history.with(index, entry) })
  return (
    <fieldset class="history">
      <legend>Texts written before</legend>
      <p class="hint">
        Nothing shows a voice better. 80 to 200 words each are best; those that suit a question are used.
      </p>
      <div class="import">
        <FileInput label="Add files" folder={false} />
        <FileInput label="Add a folder" folder />
        <button
          type="button"
          class="button small"
          onClick={() => editProfile({ history: [{ title: '', text: '' }, ...history] })}
        >
          Write one
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
  const words = entry.text.split(/\s+/).filter((word) => word !== '').length
  return (
    <details class="entry" open={entry.text === ''}>
      <summary>
        <span class="entry-title">{heading === '' ? 'untitled' : heading}</span>
        <span class="hint">
          {entry.date} · {words} words
        </span>
      </summary>
      <div class="form-row">
        <label class="field">
          <span>{key === 'title' ? 'Title' : 'Written for'}</span>
          <input
            value={heading}
            onInput={({ currentTarget }) => onChange({ ...entry, [key]: currentTarget.value })}
          />
        </label>
        <label class="field">
          <span>Date</span>
          <input
            placeholder="2025-03-31"
            value={entry.date ?? ''}
            onInput={({ currentTarget }) => onChange({ ...entry, date: currentTarget.value || undefined })}
          />
        </label>
      </div>
      <label class="field">
        <span>Text</span>
        <textarea
          rows={6}
          value={entry.text}
          onInput={({ currentTarget }) => onChange({ ...entry, text: currentTarget.value })}
        />
      </label>
      <button type="button" class="link-button danger" onClick={onRemove}>
        Remove this text
      </button>
    </details>
  )
}

function FileInput({ label, folder }: { label: string; folder: boolean }) {
  return (
    <label class="button small file-button">
      {label}
      <input
        type="file"
        multiple
        accept={folder ? undefined : '.txt,.md,text/plain,text/markdown'}
        // The attribute is the only way to ask for a folder.
        ref={(input) => {
          if (folder) input?.setAttribute('webkitdirectory', '')
        }}
        onChange={({ currentTarget }) => void addFiles(currentTarget)}
      />
    </label>
  )
}

async function addFiles(input: HTMLInputElement): Promise<void> {
  const { entries, skipped } = await importTexts(Array.from(input.files ?? []))
  input.value = ''
  const history = editor.value?.profile?.history ?? []
  if (entries.length > 0) editProfile({ history: [...entries, ...history] })
  const left = skipped === 0 ? '' : ` ${skipped} left out: empty, too long, or no text.`
  notify(`${entries.length} texts added.${left}`, { failed: entries.length === 0 })
}
