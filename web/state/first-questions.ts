import { examplePrompts, picked, prompt } from './controls.ts'

const [introduction, invitation, outlook] = examplePrompts

/**
 * What each shipped profile is asked first: where the shipped models answer in its voice and recite no past
 * text (`controls.demo.model.test.ts` asks them).
 */
export const firstQuestions: Readonly<Record<string, string>> = {
  'delphine-fontenot': outlook,
  'hamish-baird': invitation,
  'noor-lindqvist': introduction,
}

/** Chooses a profile, with its first question where that of the one before still stands there. */
export function pickProfile(id: string): void {
  const isUntouched = prompt.value === firstQuestions[picked.value ?? '']
  picked.value = id
  if (isUntouched) prompt.value = firstQuestions[id] ?? prompt.value
}
