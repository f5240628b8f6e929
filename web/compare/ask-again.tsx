import { ask, asked, outdated, profileName } from '../state/comparison.ts'
import { picked } from '../state/controls.ts'

/** Says that the answers are not those of what is set now, and offers to ask for these. */
export function AskAgain() {
  const { value: reason } = outdated
  if (reason === null) return null
  const now = profileName(picked.value)
  const before = profileName(asked.value?.profile ?? null)
  const isOther = reason === 'profile' && now !== ''
  return (
    <p class="outdated">
      {isOther
        ? `This answer is ${before === '' ? 'somebody else' : before}’s. `
        : 'This came of other settings. '}
      <button type="button" class="link-button" onClick={() => void ask()}>
        {isOther ? `Ask again as ${now}` : 'Ask again with these'}
      </button>
    </p>
  )
}
