/**
 * The source of a pattern that matches any of the texts as it is written, the longest that begins somewhere.
 */
export function literalPattern(texts: Iterable<string>): string {
  const longestFirst = Array.from(texts).sort((a, b) => b.length - a.length)
  return longestFirst.map((text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|')
}
