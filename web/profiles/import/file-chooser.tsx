import { useSignal } from '@preact/signals'
import { t } from '../../texts/texts.ts'
import { droppedFiles, readable } from './dropped-files.ts'
import { readFiles } from './import-run.ts'
import { PasteArea } from './paste-area.tsx'

/** Where files are dropped or chosen, and which are understood. */
export function FileChooser() {
  const isOver = useSignal(false)
  const texts = t().import
  return (
    <>
      <PasteArea />
      <section
        class={`drop-zone ${isOver.value ? 'over' : ''}`}
        aria-label={texts.dropHere}
        onDragOver={(event) => {
          event.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => {
          isOver.value = false
        }}
        onDrop={(event) => {
          event.preventDefault()
          isOver.value = false
          if (event.dataTransfer !== null)
            void droppedFiles(event.dataTransfer).then((files) => readFiles(files))
        }}
      >
        <p>{texts.drop}</p>
        <div class="import">
          <FileInput label={texts.chooseFiles} folder={false} />
          <FileInput label={texts.chooseFolder} folder />
        </div>
      </section>
      <div class="import-kinds">
        <p>{texts.understood}</p>
        <ul>
          {Object.values(texts.kinds).map(({ name, what }) => (
            <li key={name}>
              <b>{name}</b>
              {what}
            </li>
          ))}
        </ul>
        <p class="hint">{texts.seenFirst}</p>
      </div>
    </>
  )
}

function FileInput({ label, folder }: { label: string; folder: boolean }) {
  return (
    <label class="button small file-button">
      {label}
      <input
        type="file"
        multiple
        // The attribute is the only way to ask for a folder.
        ref={(input) => {
          if (folder) input?.setAttribute('webkitdirectory', '')
        }}
        onChange={({ currentTarget }) => {
          const files = Array.from(currentTarget.files ?? [])
          void readFiles(folder ? readable(files) : files)
        }}
      />
    </label>
  )
}
