import type { OpenMatch } from './open-match.ts'

/** What begins and ends markup inside a text, such as `<b>` and `](link)`, and how long it may be. */
const markups = [
  { begins: '<', second: null, ends: '>', most: 200 },
  { begins: ']', second: '(', ends: ')', most: 200 },
] as const

/** What was open before markup that may still end. */
export interface OpenMarkup {
  readonly kind: (typeof markups)[number]
  readonly open: readonly OpenMatch[]
  readonly start: number
}

/**
 * The markup that is open behind a character which ends at `length` and is no letter, and what matches that
 * makes open again: markup inside a form leaves open what was.
 */
export function withMarkup(
  markup: OpenMarkup | null,
  open: readonly OpenMatch[],
  { character, length }: { readonly character: string; readonly length: number },
): { readonly markup: OpenMarkup | null; readonly open: readonly OpenMatch[] } {
  const kind = markups.find(({ begins }) => begins === character)
  // A bracket inside a tag is part of that
  if (kind !== undefined && (markup === null || kind.begins === '<')) {
    return { markup: { kind, open, start: length - character.length }, open }
  }
  if (markup === null || !goesOn(markup, character, length)) return { markup: null, open }
  if (character !== markup.kind.ends) return { markup, open }
  return { markup: null, open: [...markup.open, ...open] }
}

/** Whether markup may go on with a character that ends at `length`. */
export function goesOn({ kind, start }: OpenMarkup, character: string, length: number): boolean {
  const isSecond = length === start + kind.begins.length + character.length
  return length - start <= kind.most && (!isSecond || kind.second === null || kind.second === character)
}
