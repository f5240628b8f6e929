import { signal } from '@preact/signals'
import { ask } from './comparison.ts'
import { picked, prompt } from './controls.ts'
import { firstQuestions } from './first-questions.ts'
import { chosenModel } from './session.ts'

/** Whether the answers that are being made are the first ones that this browser sees. */
export const greeting = signal(false)

const STORAGE_KEY = 'costeer-visited'

/**
 * Shows a newcomer what the page is for: asks the profile's first question, once for each browser, and only
 * where the large model runs inside the gateway, so that nothing is sent or paid for unasked.
 */
export function greetNewcomer(): void {
  const isFirst = localStorage.getItem(STORAGE_KEY) === null
  localStorage.setItem(STORAGE_KEY, 'yes')
  if (!isFirst || picked.value === null || chosenModel()?.embedded !== true) return
  prompt.value = firstQuestions[picked.value] ?? prompt.value
  greeting.value = true
  void ask().finally(() => {
    greeting.value = false
  })
}
