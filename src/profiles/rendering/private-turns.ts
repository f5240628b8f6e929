import type { ChatMessage } from '../../steer/upstream.ts'
import type { HistoryEntry, Profile } from '../profile.ts'
import { entryTask } from './entry-task.ts'
import { fitWindow } from './fit-window.ts'
import { countLeft, type LeftOut, type Part, stableParts } from './profile-parts.ts'
import { type RankedEntry, retrieveHistory } from './retrieve-history.ts'

export interface PrivateTurnsOptions {
  /** What the system message begins with, before its first sentence about the user. */
  readonly opening: string
  /** What the past texts should suit; see `historyQuery`. */
  readonly query: string
  /** The conversation's own system prompt, if the client sent one. */
  readonly systemText?: string | undefined
  /** Of the messages as the local model's template renders them. */
  readonly countTokens: (messages: readonly ChatMessage[]) => number
  /** What the messages may take of the local model's window; Infinity for no limit. */
  readonly budgetTokens: number
  /** Past texts to include at most. */
  readonly historyLimit: number
  /** Which texts, best first. Default: `retrieveHistory`. */
  readonly choose?: typeof retrieveHistory
  /**
   * How the chosen ones follow each other. Default: as in the file, so that the same choice is the same
   * prompt.
   */
  readonly order?: 'file' | 'best-first' | 'best-last'
}

/** What stands before a conversation in the `with` stream. Never to be logged or sent anywhere. */
export interface PrivateTurns {
  /** The system message, then each past text as a question of the user's and the assistant's answer to it. */
  readonly messages: readonly ChatMessage[]
  readonly tokens: number
  /** Past texts among the messages. */
  readonly historyEntries: number
  readonly leftOut: LeftOut
}

interface Turn extends Part {
  readonly entry: HistoryEntry
}

/**
 * The profile as the beginning of a conversation: facts, style and the client's own system prompt as the
 * system message, and past texts as turns, since a small model takes up more from answers that it seems to
 * have given than from prose about them. What does not fit is left out whole: past texts (least fitting
 * first), about paragraphs (last first), preferences, style. Throws `context_length_exceeded` when even the
 * facts and the client's system prompt do not fit.
 */
export function privateTurns(
  profile: Profile,
  {
    opening,
    query,
    systemText = '',
    countTokens,
    budgetTokens,
    historyLimit,
    choose = retrieveHistory,
    order = 'file',
  }: PrivateTurnsOptions,
): PrivateTurns {
  const stable = stableParts(profile, opening)
  const ranked = choose(profile, { query, limit: historyLimit }).map(
    ({ index, entry }): Turn & Pick<RankedEntry, 'index'> => ({
      kind: 'history',
      text: entry.text,
      items: 1,
      entry,
      index,
    }),
  )
  const shown = arranged(ranked, order)
  const instructions = systemText.trim()
  const optional = stable.filter(({ kind }) => kind !== 'essential')
  const { text, tokens, left } = fitWindow<Part, readonly ChatMessage[]>({
    droppable: [...ranked.toReversed(), ...optional.toReversed()],
    render: (dropped) => [
      {
        role: 'system',
        content: [
          ...stable.filter((part) => !dropped.has(part)).map((part) => part.text),
          ...(instructions === '' ? [] : [`Instructions for this conversation: ${instructions}`]),
        ].join('\n\n'),
      },
      ...shown.filter((turn) => !dropped.has(turn)).flatMap(({ entry }) => turnMessages(entry)),
    ],
    countTokens,
    budgetTokens,
  })
  return {
    messages: text,
    tokens,
    historyEntries: shown.filter((turn) => !left.has(turn)).length,
    leftOut: countLeft(left),
  }
}

function arranged<Entry extends { readonly index: number }>(
  ranked: readonly Entry[],
  order: NonNullable<PrivateTurnsOptions['order']>,
): readonly Entry[] {
  if (order === 'best-first') return ranked
  return order === 'best-last' ? ranked.toReversed() : ranked.toSorted((a, b) => a.index - b.index)
}

function turnMessages(entry: HistoryEntry): ChatMessage[] {
  return [
    { role: 'user', content: entryTask(entry) },
    { role: 'assistant', content: entry.text },
  ]
}
