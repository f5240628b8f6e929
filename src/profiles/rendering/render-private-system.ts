// This room owns the wording of a profile for the local model, and which past texts suit a question. It must
// not know where the text goes: gateway/prompts/private-prompt.ts alone asks for it.

import type { HistoryEntry, Profile } from '../profile.ts'
import { fitWindow } from './fit-window.ts'
import { retrieveHistory } from './retrieve-history.ts'

const ROLE_SENTENCE =
  'You are writing on behalf of this user, in their voice, the way they would write it themselves.'

export interface RenderPrivateSystemOptions {
  /** What the message begins with, before its first sentence about the user. */
  readonly opening: string
  /** What the past texts should suit; see `historyQuery`. */
  readonly query: string
  /** The conversation's own system prompt, if the client sent one. */
  readonly systemText?: string | undefined
  readonly countTokens: (text: string) => number
  /** What the system message may take of the local model's window; Infinity for no limit. */
  readonly budgetTokens: number
  /** Past texts to include at most. */
  readonly historyLimit: number
}

/** How much of the profile did not fit the window. */
interface LeftOut {
  /** Past texts, of those chosen for the query. */
  readonly history: number
  readonly aboutParagraphs: number
  readonly preferences: number
  readonly styleItems: number
}

export interface PrivateSystem {
  /** The system message of the `with` stream. Never to be logged or sent anywhere. */
  readonly text: string
  readonly tokens: number
  /** Past texts in the message. */
  readonly historyEntries: number
  readonly leftOut: LeftOut
}

interface Part {
  readonly kind: keyof LeftOut | 'essential'
  readonly text: string
  /** How many items of the profile the part stands for. */
  readonly items: number
}

/**
 * The profile as the system message of the `with` stream, in plain prose. It begins with the parts that no
 * question changes; then come the chosen past texts in the profile's order, and the conversation's own system
 * prompt. What does not fit is left out whole: past texts (least relevant first), about paragraphs (last
 * first), preferences, style. Throws `context_length_exceeded` when even the facts and the conversation's
 * system prompt do not fit.
 */
export function renderPrivateSystem(
  profile: Profile,
  { opening, query, systemText = '', countTokens, budgetTokens, historyLimit }: RenderPrivateSystemOptions,
): PrivateSystem {
  const stable = stableParts(profile, opening)
  const ranked = retrieveHistory(profile, { query, limit: historyLimit })
  const history = ranked.map(({ index, entry }) => ({ index, part: historyPart(entry) }))
  // In file order: the same choice is then always the same prompt, whatever the ranking within it.
  const shown = history.toSorted((a, b) => a.index - b.index).map(({ part }) => part)
  const ending = systemText.trim()

  const optional = stable.filter(({ kind }) => kind !== 'essential')
  const { text, tokens, left } = fitWindow<Part>({
    droppable: [...history.map(({ part }) => part).toReversed(), ...optional.toReversed()],
    render: (dropped) => {
      const kept = (parts: readonly Part[]) =>
        parts.filter((part) => !dropped.has(part)).map((part) => part.text)
      const texts = kept(shown)
      return [
        ...kept(stable),
        ...(texts.length === 0 ? [] : ['Texts the user wrote before:', ...texts]),
        ...(ending === '' ? [] : [`Instructions for this conversation: ${ending}`]),
      ].join('\n\n')
    },
    countTokens,
    budgetTokens,
  })
  return {
    text,
    tokens,
    historyEntries: shown.filter((part) => !left.has(part)).length,
    leftOut: countLeft(left),
  }
}

/** Ordered by importance, so that leaving out the least important keeps the rest a prefix of the whole. */
function stableParts({ name, facts, writing_style, preferences, about }: Profile, opening: string): Part[] {
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

function historyPart({ title, task, text }: HistoryEntry): Part {
  const heading = title ?? task
  return { kind: 'history', text: heading === undefined ? text : `${heading}\n${text}`, items: 1 }
}

/** Items as sentences of one paragraph. */
function asProse(items: readonly string[]): string {
  return items.map((item) => (/\p{Sentence_Terminal}["'”’)]*$/u.test(item) ? item : `${item}.`)).join(' ')
}

function countLeft(left: ReadonlySet<Part>): LeftOut {
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
