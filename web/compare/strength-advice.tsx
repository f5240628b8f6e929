import { ask, asked, outdated, running, steered } from '../state/comparison.ts'
import { strength } from '../state/controls.ts'
import { decimal, t } from '../texts/texts.ts'
import { advisedStrength } from './reasons/advised-strength.ts'
import { effectWords } from './reasons/answer-effect.ts'
import { counted, excess } from './reasons/current-reasons.ts'

/** Says that the profile counted too much or too little for this answer, and offers another strength. */
export function StrengthAdvice() {
  // Not looked for in a text that still grows, nor in one of other settings
  const isFinal = steered.value.status === 'complete' && !running.value && outdated.value === null
  if (!isFinal || asked.value === null || asked.value.profile === null) return null
  const warning = excess.value
  const next = advisedStrength({
    ...counted.value,
    strength: asked.value.strength,
    isTooStrong: warning !== null,
  })
  if (warning === null && next === null) return null
  const texts = t().controls
  const { words, changed } = counted.value
  return (
    <p class={warning === null ? 'advice' : 'advice too-strong'}>
      {warning === null ? texts.tooLittle(effectWords(changed, words)) : `${warning} `}
      {next !== null && (
        <button
          type="button"
          class="link-button"
          onClick={() => {
            strength.value = next
            void ask()
          }}
        >
          {texts.askAt(decimal(next, 2))}
        </button>
      )}
    </p>
  )
}
