// This room owns keeping an answer: it becomes, as its reader has edited it, a past text of a profile.

import { Modal } from '../../modal.tsx'
import { profiles } from '../../state/session.ts'
import { t } from '../../texts/texts.ts'
import { editKept, keep, keptAnswer, stopKeeping } from './kept-answer.ts'

/** The answer that is about to be kept, to be made the reader's own first. */
export function KeepDialog() {
  const { value } = keptAnswer
  if (value === null) return null
  const { profile, task, text, saving, problem } = value
  const texts = t().keeping
  const isBlank = text.trim() === '' || task.trim() === ''
  return (
    <Modal title={texts.title} onClose={stopKeeping}>
      <form
        class="modal-body"
        onSubmit={(event) => {
          event.preventDefault()
          void keep()
        }}
      >
        <p class="hint">{texts.hint}</p>
        <label class="field">
          <span>{texts.text}</span>
          <textarea
            class="kept-text"
            rows={10}
            value={text}
            onInput={({ currentTarget }) => editKept({ text: currentTarget.value })}
          />
        </label>
        <label class="field">
          <span>{texts.writtenFor}</span>
          <textarea
            class="kept-task"
            rows={1}
            value={task}
            onInput={({ currentTarget }) => editKept({ task: currentTarget.value })}
          />
        </label>
        <label class="field">
          <span>{texts.textOf}</span>
          <select
            value={profile}
            onChange={({ currentTarget }) => editKept({ profile: currentTarget.value })}
          >
            {profiles.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {problem !== null && (
          <p class="failure" role="alert">
            {problem}
          </p>
        )}
        <div class="modal-foot">
          <button type="submit" class="button primary" disabled={isBlank || saving}>
            {texts.keep}
          </button>
        </div>
      </form>
    </Modal>
  )
}
