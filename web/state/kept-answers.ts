import { effect } from '@preact/signals'
import type { ChatRequest } from '../api/chat-stream.ts'
import { type Answer, isRunning } from './answer.ts'
import { asked, plain, running, showAgain, steered } from './comparison.ts'

/** Counts the forms in which answers were kept: another one is not read. */
const STORAGE_KEY = 'costeer-answers-1'

interface KeptAnswers {
  readonly asked: ChatRequest
  readonly plain: Answer
  readonly steered: Answer
}

/**
 * Keeps the answers for this tab, so that they are there after a reload, and shows those that were kept. They
 * are gone when the tab is closed.
 */
export function keepAnswers(): void {
  const kept = readKept()
  if (kept !== null) showAgain(kept)
  let isLeaving = false
  effect(() => {
    // What breaks off because the page is left is no failure.
    if (!running.value && !isLeaving) write()
  })
  window.addEventListener('pagehide', () => {
    write()
    isLeaving = true
  })
  window.addEventListener('pageshow', () => {
    isLeaving = false
  })
}

function write(): void {
  const { value: request } = asked
  if (request === null) return
  const kept: KeptAnswers = { asked: request, plain: ended(plain.value), steered: ended(steered.value) }
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept))
  } catch {
    // Too large. A part would tell less of what was sent than there was.
    sessionStorage.removeItem(STORAGE_KEY)
  }
}

function ended(answer: Answer): Answer {
  return isRunning(answer) ? { ...answer, status: 'stopped' } : answer
}

function readKept(): KeptAnswers | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null') as KeptAnswers | null
  } catch {
    return null
  }
}
