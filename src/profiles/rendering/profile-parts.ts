import type { Profile } from '../profile.ts'

const ROLE_SENTENCE =
  'You are writing on behalf of this user, in their voice, the way they would write it themselves.'

/** How much of the profile did not fit the window. */
export interface LeftOut {
  /** Past texts, of those chosen for the query. */
  readonly history: number
  readonly aboutParagraphs: number
  readonly preferences: number
  readonly styleItems: number
}

export interface Part {
  readonly kind: keyof LeftOut | 'essential'
  readonly text: string
  /** How many items of the profile the part stands for. */
  readonly items: number
}

/** Ordered by importance, so that leaving out the least important keeps the rest a prefix of the whole. */
export function stableParts(
  { name, facts, writing_style, preferences, about }: Profile,
  opening: string,
): Part[] {
  const paragraphs = about.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '')
  return [
    { kind: 'essential', text: `${opening} ${ROLE_SENTENCE}`, items: 1 },
    {
      kind: 'essential',
      text: `About the user: ${asProse([`The user is ${name}`, ...facts])}`,
      items: 1 + facts.length,
    },
    ...listPart('styleItems', 'How the user writes:', writing_style),
    ...listPart('preferences', 'What the user prefers:', preferences),
    ...paragraphs.map((text): Part => ({ kind: 'aboutParagraphs', text: text.trim(), items: 1 })),
  ]
}

function listPart(kind: 'styleItems' | 'preferences', lead: string, items: readonly string[]): Part[] {
  return items.length === 0 ? [] : [{ kind, text: `${lead} ${asProse(items)}`, items: items.length }]
}

/** Items as sentences of one paragraph. */
function asProse(items: readonly string[]): string {
  return items.map((item) => (/\p{Sentence_Terminal}["'”’)]*$/u.test(item) ? item : `${item}.`)).join(' ')
}

/** How many items of each kind the parts hold that found no room. */
export function countLeft(left: ReadonlySet<Part>): LeftOut {
  const count = (kind: Part['kind']) => {
    let items = 0
    for (const part of left) if (part.kind === kind) items += part.items
    return items
  }
  return {
    history: count('history'),
    aboutParagraphs: count('aboutParagraphs'),
    preferences: count('preferences'),
    styleItems: count('styleItems'),
  }
}
