// This room owns the comparison: both answers side by side, word by word, and what a word tells when touched.

import { useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { DetailsTabs } from '../details/details-tabs.tsx'
import { asked, plain, profileName, running, steered } from '../state/comparison.ts'
import { greeting } from '../state/first-visit.ts'
import { t } from '../texts/texts.ts'
import { AnnotatedText } from './annotated-text.tsx'
import { AnswerCard } from './answer-card.tsx'
import { AskAgain, OtherQuestion } from './ask-again.tsx'
import { ChangedWords } from './changed-words.tsx'
import { ControlsPanel } from './controls/controls-panel.tsx'
import { PromptForm } from './controls/prompt-form.tsx'
import { RecordedAnswer } from './example/recorded-answer.tsx'
import { KeepDialog } from './keeping/keep-dialog.tsx'
import { Legend } from './legend.tsx'
import { StrengthAdvice } from './strength-advice.tsx'

/** The page's main view: one question, two answers side by side. */
export function CompareView() {
  const name = profileName(asked.value?.profile ?? null)
  const texts = t().compare
  const answers = useRef<HTMLDivElement>(null)
  useSignalEffect(() => {
    if (running.value && answers.current !== null) reveal(answers.current)
  })
  return (
    <div class="compare">
      <PromptForm />
      <ControlsPanel />
      <div class="answers" ref={answers}>
        <AnswerCard
          id="plain"
          title={texts.plain}
          subtitle={texts.plainHint}
          answer={plain.value}
          reading={texts.plainReading}
          example={greeting.value ? <RecordedAnswer side="plain" /> : null}
          before={<OtherQuestion />}
        >
          <p class="answer-text">{plain.value.text}</p>
        </AnswerCard>
        <AnswerCard
          id="steered"
          title={name === '' ? texts.steered : texts.as(name)}
          subtitle={<Legend />}
          answer={steered.value}
          note={<ChangedWords />}
          reading={texts.steeredReading}
          example={greeting.value ? <RecordedAnswer side="steered" /> : null}
          before={<AskAgain />}
        >
          <AnnotatedText />
          <StrengthAdvice />
        </AnswerCard>
      </div>
      {asked.value !== null && <DetailsTabs />}
      <KeepDialog />
    </div>
  )
}

/** On a small screen the answers begin below the fold. */
function reveal(answers: HTMLElement): void {
  const { top } = answers.getBoundingClientRect()
  if (top > window.innerHeight * 0.6) answers.scrollIntoView({ behavior: 'smooth', block: 'start' })
}
