import { effect } from '@preact/signals'
import {
  frequencyPenalty,
  maxTokens,
  picked,
  pickedModel,
  prompt,
  seed,
  strength,
  temperature,
  topP,
} from './controls.ts'
import { type AskedState, fragmentOf, readFragment } from './fragment.ts'

/** Browsers refuse changes of the address that follow each other too fast. */
const SHOW_AFTER_MS = 300

const usual = current()

function current(): AskedState {
  return {
    prompt: prompt.value,
    profile: picked.value,
    model: pickedModel.value,
    strength: strength.value,
    temperature: temperature.value,
    topP: topP.value,
    frequencyPenalty: frequencyPenalty.value,
    seed: seed.value,
    maxTokens: maxTokens.value,
  }
}

/**
 * Sets the page to what its address says, and has the address follow what is set. Returns whether the address
 * held a question.
 */
export function followAddress(): boolean {
  const isGiven = readFragment(location.hash).prompt !== undefined
  takeAddress()
  window.addEventListener('hashchange', takeAddress)
  let timer: number | undefined
  effect(() => {
    const fragment = fragmentOf(current(), usual)
    window.clearTimeout(timer)
    timer = window.setTimeout(() => history.replaceState(null, '', fragment), SHOW_AFTER_MS)
  })
  return isGiven
}

function takeAddress(): void {
  const given = readFragment(location.hash)
  if (given.prompt === undefined) return
  const next = { ...usual, ...given }
  prompt.value = next.prompt
  if (given.profile !== undefined) picked.value = given.profile
  pickedModel.value = next.model
  strength.value = next.strength
  temperature.value = next.temperature
  topP.value = next.topP
  frequencyPenalty.value = next.frequencyPenalty
  seed.value = next.seed
  maxTokens.value = next.maxTokens
}
