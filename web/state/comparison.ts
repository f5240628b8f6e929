import { computed, signal } from '@preact/signals'
import type { HistoryEntry, Profile } from '../../src/profiles/profile.ts'
import { alignTokens } from '../../src/proxy/answers/trace/align-tokens.ts'
import { answerWords } from '../../src/proxy/answers/trace/answer-words.ts'
import type { ChatRequest } from '../api/chat-stream.ts'
import { previewProfile, readProfile } from '../api/profile-client.ts'
import { listTexts } from '../api/texts-client.ts'
import { notify } from '../notices.tsx'
import { type Answer, emptyAnswer, isRunning } from './answer.ts'
import { lookahead, maxTokens, picked, prompt, seed, temperature, topP } from './controls.ts'
import { offeredTools } from './offered-tools.ts'
import { runAnswer } from './run-answer.ts'
import {
  chosenModel,
  connection,
  frequencyPenaltyInUse,
  mayEditProfiles,
  profiles,
  strengthInUse,
} from './session.ts'

/** The same question, answered by the large model alone and with the profile. */
export const plain = signal<Answer>(emptyAnswer)
export const steered = signal<Answer>(emptyAnswer)
/** The profile of the answer that is shown, as it was then; null where it is not open to the page. */
export const answeredAs = signal<Profile | null>(null)
/** All texts of that profile, also those beside its file; null until somebody wants to know. */
export const answeredTexts = signal<readonly HistoryEntry[] | null>(null)
/** The past texts of that profile that the local model was shown; null until they are known. */
export const answeredRead = signal<readonly string[] | null>(null)
/** What was asked for the answers that are shown, with the profile of the steered one. */
export const asked = signal<ChatRequest | null>(null)

export const running = computed(() => isRunning(plain.value) || isRunning(steered.value))
/** The steered answer's words and what is between them, with the tokens behind each. */
export const words = computed(() => answerWords(alignTokens(steered.value.text, steered.value.traces)))

/** Whether both answers are of another question than the one that stands there; not while there is none. */
export const isOtherQuestion = computed((): boolean => {
  const now = prompt.value.trim()
  return asked.value !== null && !running.value && now !== '' && now !== asked.value.prompt
})

/** What sets the shown answers apart from those that would come now; null for nothing. */
export const outdated = computed((): 'profile' | 'question' | 'settings' | null => {
  const { value: before } = asked
  if (before === null || running.value || connection.value.state !== 'ready') return null
  if (before.profile !== picked.value) return 'profile'
  if (isOtherQuestion.value) return 'question'
  const now = requestNow()
  const isSame = comparedKeys.every((key) => now[key] === before[key])
  return isSame ? null : 'settings'
})

/** Tools are no matter of the profile. */
const comparedKeys = [
  'model',
  'strength',
  'temperature',
  'topP',
  'frequencyPenalty',
  'seed',
  'maxTokens',
] as const satisfies readonly (keyof ChatRequest)[]

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
  const request = requestNow()
  asked.value = request
  void rememberProfile(request, signal)
  await Promise.all([
    runAnswer(plain, { ...request, profile: 'none' }, signal),
    runAnswer(steered, request, signal),
  ])
}

/** Shows answers of an earlier visit. */
export function showAgain(earlier: { asked: ChatRequest; plain: Answer; steered: Answer }): void {
  asked.value = earlier.asked
  plain.value = earlier.plain
  steered.value = earlier.steered
  void rememberProfile(earlier.asked, current.signal)
}

function requestNow(): ChatRequest {
  return {
    model: chosenModel()?.id ?? '',
    prompt: prompt.value.trim(),
    profile: picked.value,
    strength: strengthInUse(),
    temperature: temperature.value,
    topP: topP.value,
    frequencyPenalty: frequencyPenaltyInUse(),
    seed: seed.value,
    maxTokens: maxTokens.value,
    lookahead: lookahead.value,
    tools: offeredTools.value.tools,
  }
}

/** Empty for none, and for one that the page may not see. */
export function profileName(wanted: string | null): string {
  return profiles.value.find(({ id }) => id === wanted)?.name ?? ''
}

/** Keeps the profile's text, to look for it in what is sent and in what was answered. */
async function rememberProfile({ profile: id, prompt }: ChatRequest, signal: AbortSignal): Promise<void> {
  answeredAs.value = null
  answeredTexts.value = null
  answeredRead.value = null
  if (id === null || !mayEditProfiles()) return
  try {
    const { value: profile } = await readProfile(id)
    if (!signal.aborted) answeredAs.value = profile
    const { messages } = await previewProfile(id, prompt)
    const texts = messages.filter(({ role }) => role === 'assistant').map(({ text }) => text)
    if (!signal.aborted) answeredRead.value = texts
  } catch {
    // The privacy tab then says that it could not look, and words are given no reason.
  }
}

/** Reads all texts of the profile of the answer that is shown, which may be many. */
export async function rememberTexts(): Promise<void> {
  const profile = answeredAs.value
  if (profile === null || answeredTexts.value !== null) return
  const texts: HistoryEntry[] = []
  try {
    for await (const { data } of listTexts(profile.id)) {
      for (const { task, text } of data) texts.push({ task, text })
    }
  } catch {
    return
  }
  if (answeredAs.value === profile) answeredTexts.value = texts
}
