/** Longer lines are no greeting, and no part of a sign-off. */
const LONGEST_LINE = 40
/** So many lines at the end may be the sign-off. */
const MOST_LINES = 3
/** What one text alone does is no habit. */
const LEAST_TEXTS = 2

/**
 * How a person begins and ends what they write, where most of their texts do: lines on style for a profile.
 */
export function habitsOf(texts: readonly string[]): readonly string[] {
  const lines = texts.map(linesOf).filter((one) => one.length > 1)
  const least = Math.max(LEAST_TEXTS, Math.ceil(lines.length / 2))
  const greeting = usual(lines.flatMap(greetingsOf), least)
  const signOff = usual(lines.flatMap(signOffsOf), least)
  return [
    ...(greeting === null ? [] : [beginsWith(greeting)]),
    ...(signOff === null ? [] : [endsWith(signOff)]),
  ]
}

/** A line on style, in English as the small model reads it. */
export function beginsWith(greeting: string): string {
  return `Begins with "${greeting}".`
}
export function endsWith(signOff: string): string {
  return `Ends with "${signOff}".`
}

/** The longest that so many of the texts have; null for none. */
function usual(found: readonly string[], least: number): string | null {
  const counts = new Map<string, number>()
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1)
  const habits = [...counts].filter(([, count]) => count >= least).map(([habit]) => habit)
  return habits.toSorted((a, b) => b.length - a.length)[0] ?? null
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Beginnings of a greeting by words, `Moin` and `Moin Ann`: whom one greets differs. */
function greetingsOf([first = '']: readonly string[]): readonly string[] {
  if (first.length > LONGEST_LINE || !/[,!:–—-]$/.test(first)) return []
  const words = first.replace(/[\s,!:–—-]+$/, '').split(/\s+/)
  return words.map((_, index) => words.slice(0, index + 1).join(' '))
}

/** Ends that are a sign-off, the longer ones with more lines: `Jo`, and `Bis dann, Jo`. */
function signOffsOf(lines: readonly string[]): readonly string[] {
  const ends: string[] = []
  for (let count = 1; count <= MOST_LINES && count < lines.length; count++) {
    const end = lines.slice(-count)
    if ((end[0] ?? '').length > LONGEST_LINE) break
    ends.push(end.join(' '))
  }
  return ends
}
