import { signal } from '@preact/signals'
import { isAtRest } from '../../src/gateway/choosing/model-work.ts'
import type { ModelChoiceObject, ModelChoicesObject } from '../../src/proxy/model-api/model-wire.ts'
import { failureText } from '../api/gateway-fetch.ts'
import { listChoices, serveModels, stopWork } from '../api/models-client.ts'
import { refreshSettings } from '../state/session.ts'
import { isSameChoice } from './choice.ts'

export const listing = signal<ModelChoicesObject | null>(null)
/** What is chosen in the form; null follows what answers now. */
export const draft = signal<ModelChoiceObject | null>(null)
/** Why the gateway did not take what was asked. */
export const problem = signal<string | null>(null)

const READ_EVERY_MS = 1000

/** Whether models are being fetched or changed. */
export function isAtWork({ work }: ModelChoicesObject): boolean {
  return !isAtRest(work)
}

/** Reads what there is, and follows it while work is under way. Returns the function that ends that. */
export function followModels(): () => void {
  const leaving = new AbortController()
  const read = async () => {
    try {
      take(await listChoices(leaving.signal))
      problem.value = null
    } catch (error) {
      if (!leaving.signal.aborted) problem.value = failureText(error)
    }
  }
  void read()
  const timer = window.setInterval(() => {
    if (listing.value === null || problem.value !== null || isAtWork(listing.value)) void read()
  }, READ_EVERY_MS)
  return () => {
    window.clearInterval(timer)
    leaving.abort()
  }
}

export async function serve(choice: ModelChoiceObject): Promise<void> {
  await asked(() => serveModels(choice))
}

export async function stop(): Promise<void> {
  await asked(stopWork)
}

async function asked(ask: () => Promise<ModelChoicesObject>): Promise<void> {
  try {
    take(await ask())
    problem.value = null
  } catch (error) {
    problem.value = failureText(error)
  }
}

function take(next: ModelChoicesObject): void {
  const before = listing.value
  listing.value = next
  if (before === null || isSameChoice(before.now.choice, next.now.choice)) return
  draft.value = null
  // Other models have other names and strengths
  void refreshSettings()
}
