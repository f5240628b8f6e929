import { ask } from './comparison.ts'
import { picked } from './controls.ts'
import { chosenModel } from './session.ts'

const STORAGE_KEY = 'costeer-visited'

/**
 * Shows a newcomer what the page is for: asks the question that stands there, once for each browser, and only
 * where the large model runs inside the gateway, so that nothing is sent or paid for unasked.
 */
export function greetNewcomer(): void {
  const isFirst = localStorage.getItem(STORAGE_KEY) === null
  localStorage.setItem(STORAGE_KEY, 'yes')
  if (isFirst && picked.value !== null && chosenModel()?.embedded === true) void ask()
}
