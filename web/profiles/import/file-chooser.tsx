import { useSignal } from '@preact/signals'
import { droppedFiles, readable } from './dropped-files.ts'
import { readFiles } from './import-run.ts'

/** Where files are dropped or chosen, and which are understood. */
export function FileChooser() {
  const isOver = useSignal(false)
  return (
    <>
      <section
        class={`drop-zone ${isOver.value ? 'over' : ''}`}
        aria-label="Drop files here"
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
          if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(readFiles)
        }}
      >
        <p>Drop files or a folder here</p>
        <div class="import">
          <FileInput label="Choose files" folder={false} />
          <FileInput label="Choose a folder" folder />
        </div>
      </section>
      <div class="import-kinds">
        <p>What is understood:</p>
        <ul>
          <li>
            <b>ChatGPT, Claude</b>: the export that you download from their settings (zip or JSON). Your own
            messages count, and answers that you rated good.
          </li>
          <li>
            <b>Mail</b>: mailboxes (mbox) and single mails (.eml). What you wrote counts, without quotes and
            signatures.
          </li>
          <li>
            <b>Texts</b>: Markdown and plain text, a file each.
          </li>
          <li>
            <b>Open WebUI</b>: exported memories, which become facts.
          </li>
        </ul>
        <p class="hint">Your gateway reads the files. Nothing is added before you have seen it.</p>
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
