import type { HistoryEntry } from '../profile.ts'

const LETTER_START = /^(?:dear|hi|hello|hey)\s+([^,.!\n]{1,60})[,.!\n]/i
const SUBJECT_LINE = /^(?:subject|re):\s*(.{1,100})$/im

/**
 * What a past text was written for, as a request: its own task, else one made from its title or from how it
 * begins.
 */
export function entryTask({ task, title, text }: HistoryEntry): string {
  if (task !== undefined) return task
  if (title !== undefined) return `Write this text: ${title}`
  const subject = SUBJECT_LINE.exec(text)?.[1]
  if (subject !== undefined) return `Write an email about this: ${subject.trim()}`
  const reader = LETTER_START.exec(text)?.[1]
  return reader === undefined ? 'Write a short text.' : `Write a message to ${reader.trim()}.`
}
