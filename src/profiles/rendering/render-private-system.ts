// This room owns the wording of a profile for the local model, and which past texts suit a question. It must
// not know where the text goes: gateway/prompts/private-prompt.ts alone asks for it.

import type { HistoryEntry, Profile } from '../profile.ts'
import { fitWindow } from './fit-window.ts'
import { countLeft, type LeftOut, type Part, stableParts } from './profile-parts.ts'
import { retrieveHistory } from './retrieve-history.ts'

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

export interface PrivateSystem {
  /** The system message of the `with` stream. Never to be logged or sent anywhere. */
  readonly text: string
  readonly tokens: number
  /** Past texts in the message. */
  readonly historyEntries: number
  readonly leftOut: LeftOut
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

function historyPart({ title, task, text }: HistoryEntry): Part {
  const heading = title ?? task
  return { kind: 'history', text: heading === undefined ? text : `${heading}\n${text}`, items: 1 }
}
