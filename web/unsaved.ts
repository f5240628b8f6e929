import { keptAnswer } from './compare/keeping/kept-answer.ts'
import { editor } from './profiles/editor-state.ts'

/** Has the browser ask before it leaves a page with changes that are not saved. */
export function askBeforeLeaving(): void {
  window.addEventListener('beforeunload', (event) => {
    const isUnsaved = editor.value?.unsaved != null || keptAnswer.value?.edited === true
    if (isUnsaved) event.preventDefault()
  })
}
