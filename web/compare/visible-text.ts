/** A token's text with its spaces and line breaks made visible. */
export function visibleText(text: string): string {
  if (text === '') return '∅'
  return text
    .replace(/^ (?=\S)/, '')
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replace(/^ +$/, '␣')
}
