import { signal } from '@preact/signals'
import { dayOf } from '../../api/texts-client.ts'
import { notify } from '../../notices.tsx'
import { t } from '../../texts/texts.ts'
import { editor, editProfile } from '../editor-state.ts'
import { type InterviewAnswers, noAnswers, withAnswers } from './interview-answers.ts'

/** An interview that is being answered; null for none. */
interface Interview {
  readonly answers: InterviewAnswers
  /** Whether anything was answered. */
  readonly edited: boolean
}

export const interview = signal<Interview | null>(null)

/** Begins one for the profile in the editor. */
export function startInterview(): void {
  interview.value = { answers: { ...noAnswers, name: editor.value?.profile?.name ?? '' }, edited: false }
}

export function answer(changes: Partial<InterviewAnswers>): void {
  const { value } = interview
  if (value !== null) interview.value = { answers: { ...value.answers, ...changes }, edited: true }
}

/** Leaves it. Answers are asked about first. */
export function stopInterview(): void {
  if (interview.value?.edited === true && !confirm(t().interview.leave)) return
  interview.value = null
}

/** Puts the answers into the editor's form, where they are looked through and saved as all others are. */
export function finishInterview(): void {
  const profile = editor.value?.profile
  if (interview.value === null || profile == null) return
  const { answers } = interview.value
  editProfile(withAnswers(profile, answers, { task: t().interview.task, date: dayOf(new Date()) }))
  interview.value = null
  notify(t().interview.filled)
}
