import { computed, signal } from '@preact/signals'
import type { Profile } from '../../src/profiles/profile.ts'
import { alignTokens } from '../../src/proxy/answers/trace/align-tokens.ts'
import { readProfile } from '../api/profile-client.ts'
import { notify } from '../notices.tsx'
import { type Answer, emptyAnswer, isRunning } from './answer.ts'
import {
  frequencyPenalty,
  lookahead,
  maxTokens,
  picked,
  prompt,
  seed,
  temperature,
  topP,
} from './controls.ts'
import { offeredTools } from './offered-tools.ts'
import { runAnswer } from './run-answer.ts'
import { chosenModel, connection, mayEditProfiles, profiles, strengthInUse } from './session.ts'

/** The same question, answered by the large model alone and with the profile. */
export const plain = signal<Answer>(emptyAnswer)
export const steered = signal<Answer>(emptyAnswer)
/** The profile of the answer that is shown, which may no longer be the picked one. */
export const answeredAs = signal<{ readonly name: string; readonly profile: Profile | null }>({
  name: '',
  profile: null,
})
/** What was asked for the answers that are shown. */
export const askedPrompt = signal('')

export const running = computed(() => isRunning(plain.value) || isRunning(steered.value))
/** The steered answer's text in pieces, with the token behind each. */
export const pieces = computed(() => alignTokens(steered.value.text, steered.value.traces))

let current = new AbortController()

export function stop(): void {
  current.abort()
}

/** Asks the question twice at once. Does nothing without a question, or with tools that cannot be sent. */
export async function ask(): Promise<void> {
  const { value: state } = connection
  if (state.state !== 'ready' || prompt.value.trim() === '') return
  const offered = offeredTools.value
  if (offered.problem !== null) {
    notify(offered.problem, { failed: true })
    return
  }
  stop()
  current = new AbortController()
  const { signal } = current
  const request = {
    model: chosenModel()?.id ?? '',
    prompt: prompt.value.trim(),
    strength: strengthInUse(),
    temperature: temperature.value,
    topP: topP.value,
    frequencyPenalty: frequencyPenalty.value,
    seed: seed.value,
    maxTokens: maxTokens.value,
    lookahead: lookahead.value,
    tools: offered.tools,
  }
  askedPrompt.value = request.prompt
  const name = profiles.value.find(({ id }) => id === picked.value)?.name ?? ''
  answeredAs.value = { name, profile: null }
  if (picked.value !== null && mayEditProfiles()) void rememberProfile(picked.value, signal)
  await Promise.all([
    runAnswer(plain, { ...request, profile: 'none' }, signal),
    runAnswer(steered, { ...request, profile: picked.value }, signal),
  ])
}

/** Keeps the profile's text, to look for it in what is sent. */
async function rememberProfile(id: string, signal: AbortSignal): Promise<void> {
  try {
    const { value: profile } = await readProfile(id)
    if (!signal.aborted) answeredAs.value = { name: profile.name, profile }
  } catch {
    // The privacy tab then says that it could not look.
  }
}
