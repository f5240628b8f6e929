// This room owns the way of texts from files into a profile: the gateway reads the files, the page shows what
// it found, and what is chosen is added.

import { Modal } from '../../modal.tsx'
import { t } from '../../texts/texts.ts'
import { FileChooser } from './file-chooser.tsx'
import { closeImport, type FileProblem, type ImportStage, importRun, startOver } from './import-run.ts'
import { SenderQuestion } from './sender-question.tsx'
import { TextChoice } from './text-choice.tsx'

/** The dialog that brings texts in, from choosing files to adding what was found. */
export function ImportDialog() {
  const { value } = importRun
  if (value === null) return null
  const { profile, stage, problems } = value
  return (
    <Modal title={t().import.title(profile.name)} wide onClose={closeImport}>
      <div class="modal-body">
        {problems.length > 0 && <Problems problems={problems} />}
        <Stage stage={stage} />
      </div>
    </Modal>
  )
}

function Stage({ stage }: { stage: ImportStage }) {
  switch (stage.type) {
    case 'choosing-files':
      return <FileChooser />
    case 'reading':
      return <Reading stage={stage} />
    case 'asking-sender':
      return <SenderQuestion files={stage.files} read={stage.read} />
    case 'choosing-texts':
      return <TextChoice choice={stage.choice} adding={stage.adding} />
    default:
      return stage satisfies never
  }
}

function Reading({ stage: { done, total, file } }: { stage: Extract<ImportStage, { type: 'reading' }> }) {
  return (
    <>
      <p role="status">
        {t().import.reading(file)} {total > 1 && t().import.ofFiles(done + 1, total)} …
      </p>
      <progress aria-label={t().import.filesRead} max={total} value={total > 1 ? done : undefined} />
      <div class="modal-foot">
        <button type="button" class="button" onClick={startOver}>
          {t().stop}
        </button>
      </div>
    </>
  )
}

function Problems({ problems }: { problems: readonly FileProblem[] }) {
  return (
    <ul class="failure import-problems" role="alert">
      {problems.map(({ file, message }, index) => (
        <li key={index}>
          {file}: {message}
        </li>
      ))}
    </ul>
  )
}
