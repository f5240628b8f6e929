/** How many words a text has, as blanks divide it. */
export function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}
