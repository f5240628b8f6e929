import { keptAnswer } from './compare/keeping/kept-answer.ts'
import { editor } from './profiles/editor-state.ts'
import { interview } from './profiles/interview/interview.ts'

/** Has the browser ask before it leaves a page with changes that are not saved. */
export function askBeforeLeaving(): void {
  window.addEventListener('beforeunload', (event) => {
    const isEdited = [keptAnswer.value, interview.value].some((one) => one?.edited === true)
    if (isEdited || editor.value?.unsaved != null) event.preventDefault()
  })
}
