// This room owns what an answer holds beside its text: thoughts and calls, which are the large model's own.
// The profile has no part in them, and nothing here is tinted.

import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Answer, isThinking } from '../../state/answer.ts'
import { t } from '../../texts/texts.ts'

/** So close to its end, a box follows the text that grows in it. */
const NEAR_END_PX = 40

/** What the model thought: open while it thinks, folded once it speaks, and then as the reader likes. */
export function Thoughts({ answer }: { answer: Answer }) {
  const chosen = useSignal<boolean | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const thinks = isThinking(answer)
  const isOpen = chosen.value ?? thinks
  useLayoutEffect(() => {
    if (!thinks || box.current === null) return
    const { scrollHeight, scrollTop, clientHeight } = box.current
    const grown = scrollHeight - scrollTop - clientHeight
    if (grown <= NEAR_END_PX + clientHeight / 2) box.current.scrollTop = scrollHeight
  }, [answer.reasoning, thinks])
  return (
    <details
      class="thoughts"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== isOpen) chosen.value = currentTarget.open
      }}
    >
      <summary>{thinks ? t().compare.thinkingNow : title(answer)}</summary>
      <div ref={box} class="thoughts-text" tabIndex={0}>
        {answer.reasoning.trim()}
      </div>
    </details>
  )
}

/** The number of tokens is known at the end of the answer. */
function title({ reasoningTokens: tokens }: Answer): string {
  if (tokens === null) return t().compare.thought
  return t().compare.thoughtFor(tokens)
}
