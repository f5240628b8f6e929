import { ask, asked, isOtherQuestion, outdated, profileName } from '../state/comparison.ts'
import { picked } from '../state/controls.ts'
import { t } from '../texts/texts.ts'

/** Says that the answers are not those of what is set now, and offers to ask for these. */
export function AskAgain() {
  const { value: reason } = outdated
  if (reason === null) return null
  const texts = t().compare.outdated
  const now = profileName(picked.value)
  const before = profileName(asked.value?.profile ?? null)
  const isOther = reason === 'profile' && now !== ''
  const isQuestion = reason === 'question'
  return (
    <p class="outdated">
      {isOther ? texts.other(before) : isQuestion ? texts.question : texts.settings}
      <button type="button" class="link-button" onClick={() => void ask()}>
        {isOther ? texts.askAs(now) : isQuestion ? texts.askThis : texts.askWith}
      </button>
    </p>
  )
}

/** Says of the answer without a profile, that it answered another question. */
export function OtherQuestion() {
  return isOtherQuestion.value ? <p class="outdated">{t().compare.outdated.question}</p> : null
}
