import { examplePrompts, picked, prompt } from './controls.ts'

const [introduction, invitation] = examplePrompts

/**
 * What each shipped profile is asked first: where the shipped models answer in its voice and recite no past
 * text (`controls.demo.model.test.ts` asks them).
 */
export const firstQuestions: Readonly<Record<string, string>> = {
  'delphine-fontenot': invitation,
  'hamish-baird': invitation,
  'noor-lindqvist': introduction,
}

/** A letter shows most of somebody who is new here: how they greet and sign. */
function firstQuestion(id: string | null): string {
  return firstQuestions[id ?? ''] ?? invitation
}

/** Chooses a profile, with its first question where that of the one before still stands there. */
export function pickProfile(id: string): void {
  const isUntouched = prompt.value.trim() === '' || prompt.value === firstQuestion(picked.value)
  picked.value = id
  if (isUntouched) prompt.value = firstQuestion(id)
}
