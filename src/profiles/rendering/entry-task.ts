import type { HistoryEntry } from '../profile.ts'

const LETTER_START =
  /^(?:dear|hi|hello|hey|hallo|liebe[rs]?|sehr geehrte[rs]?|bonjour|cher|chère|hola|querid[oa]|ciao|car[oa])\s+([^,.!\n]{1,60})[,.!\n]/i
/** A line of its own that ends as no sentence does. */
const HEADING = /^\s*(?:#{1,6}[ \t]+)?([^\n]{2,60}[^\n.!?,;:\s])[ \t]*\n[ \t]*\n\s*\S/
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
  if (reader !== undefined) return `Write a message to ${reader.trim()}.`
  const heading = HEADING.exec(text)?.[1]
  return heading === undefined ? 'Write a short text.' : `Write this text: ${heading}`
}
