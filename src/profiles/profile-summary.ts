import type { Profile } from './profile.ts'

const LONGEST_SUMMARY = 110

/**
 * Who a profile is, in at most 110 characters: its first facts, as many as fit whole, without the name before
 * them.
 */
export function profileSummary({ name, facts, about }: Profile): string {
  const sentences = facts.length > 0 ? facts : [about.split(/\n\s*\n/)[0] ?? '']
  let summary = ''
  for (const sentence of sentences) {
    const next = summary === '' ? withoutName(sentence, name) : `${summary} ${sentence}`
    if (next.length > LONGEST_SUMMARY) break
    summary = next
  }
  return summary === '' ? shortened(sentences[0] ?? '') : summary
}

/** Whether a profile says nothing of its user but a name, so that answers cannot become theirs. */
export function saysNothing({ facts, preferences, writing_style: style, about, history }: Profile): boolean {
  return [...facts, ...preferences, ...style, ...history].length === 0 && about === ''
}

function withoutName(sentence: string, name: string): string {
  const rest = sentence.startsWith(`${name} is `) ? sentence.slice(name.length + 4) : sentence
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

function shortened(text: string): string {
  if (text.length <= LONGEST_SUMMARY) return text
  return `${text.slice(0, text.lastIndexOf(' ', LONGEST_SUMMARY - 1))} …`
}
