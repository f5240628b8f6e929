import { type OpenMatch, withMatches } from './open-match.ts'

/** What begins and ends markup inside a text, such as `<b>` and `](link)`, and how long it may be. */
const markups = [
  { begins: '<', second: null, ends: '>', most: 200 },
  { begins: ']', second: '(', ends: ')', most: 200 },
] as const

/** Whether markup may begin with a character. */
export function beginsMarkup(character: string): boolean {
  return markups.some(({ begins }) => begins === character)
}

/** What was open before markup that may still end. */
export interface OpenMarkup {
  readonly kind: (typeof markups)[number]
  readonly open: readonly OpenMatch[]
  readonly start: number
  /** Whether the character that it goes on with is to come. */
  readonly awaitsSecond: boolean
}

/**
 * The markup that is open behind a character at `place` which is no letter, and what matches that makes open
 * again: markup inside a form leaves open what was.
 */
export function withMarkup(
  markup: OpenMarkup | null,
  open: readonly OpenMatch[],
  { character, place }: { readonly character: string; readonly place: { start: number; end: number } },
): { readonly markup: OpenMarkup | null; readonly open: readonly OpenMatch[] } {
  const kind = markups.find(({ begins }) => begins === character)
  // A bracket inside a tag is part of that
  if (kind !== undefined && (markup === null || kind.begins === '<')) {
    const begun = { kind, open, start: place.start, awaitsSecond: kind.second !== null }
    return { markup: begun, open }
  }
  const goingOn = markupBehind(markup, character, place.end)
  if (goingOn === null || character !== goingOn.kind.ends) return { markup: goingOn, open }
  return { markup: null, open: withMatches(goingOn.open, open) }
}

/** The same markup behind one more character, which ends at `end`; null where it cannot go on so. */
export function markupBehind(markup: OpenMarkup | null, character: string, end: number): OpenMarkup | null {
  if (markup === null || end - markup.start > markup.kind.most) return null
  if (!markup.awaitsSecond) return markup
  return character === markup.kind.second ? { ...markup, awaitsSecond: false } : null
}
