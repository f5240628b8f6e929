import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import type { PublicPrompt } from '../../../src/gateway/answer-request.ts'
import type { AnswerViews } from '../../../src/gateway/tracing/answer-views.ts'
import type { ModelText } from '../../../src/models/model-text.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { clientText, guardedGateways, rankingUpstream, user } from './guarded-gateways.ts'

const FILLERS =
  'one two three four five six seven eight nine ten or less by the sea at night when it rains on us'

/** One that repeats the question, whose end is the answer's. */
function repeatingUpstream({ tokenizer, vocabulary }: Pick<ModelText, 'tokenizer' | 'vocabulary'>): Upstream {
  // A server names as many candidates as it is asked for
  const fillers = tokenizer.encode(FILLERS)
  return rankingUpstream({ tokenizer, vocabulary }, (prefix) => {
    const last = prefix.at(-1)
    const read = prefix.filter((_, at) => at > 0 && prefix[at - 1] === last)
    return [...new Set<TokenId>([...read, ...fillers])]
  })
}

const conversations: readonly PublicPrompt[] = [
  { type: 'chat', messages: [user('I am Noor of Stromness. Say so.')] },
  {
    type: 'chat',
    messages: [user('Noor Lindqvist asks: where do I live? In Stromness or at Kyoto University')],
  },
  { type: 'chat', messages: [user('Lindqvist, Noor: +44 20 7946 0958, noor@moss.example.org!')] },
]

function viewsOf(events: readonly AnswerEvent[]): AnswerViews {
  const [views] = events.flatMap((event) => (event.type === 'answer-views' ? [event.views] : []))
  if (views === undefined) throw new Error('no views were told')
  return views
}

/**
 * `text` with what stands in the place of each value or alias, longer ones first; all in small letters, since
 * either is written in the case of the other.
 */
function replaced(text: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  const inOrder = pairs.toSorted(([a], [b]) => b.length - a.length)
  return inOrder.reduce(
    (changed, [from, to]) => changed.replaceAll(from.toLowerCase(), to.toLowerCase()),
    text.toLowerCase(),
  )
}

/** What was emitted with the last question to the upstream, as the client reads it. */
function lastStep(events: readonly AnswerEvent[]): string {
  const end = events.at(-1)
  if (end?.type !== 'answer-end' || end.finishReason === 'stop') return ''
  const traces = events.flatMap((event) => (event.type === 'token-traced' ? [event.trace] : []))
  // Nobody was asked about the rest of a private value
  const asked = traces.findLastIndex(({ upstream }) => upstream.length > 0)
  return traces
    .slice(asked)
    .map(({ token }) => token.text)
    .join('')
}

describe('both views of an answer are what was read', () => {
  let setup: Awaited<ReturnType<typeof guardedGateways>>

  beforeAll(async () => {
    setup = await guardedGateways(repeatingUpstream)
  }, 120_000)
  afterAll(() => setup?.close())

  const ways = [
    ['looking ahead', 0],
    ['token by token', 1],
  ] as const

  test.each(ways)(
    "the text read last, with the last step, is the upstream's view; with real values it is the client's: %s",
    async (_, gateway) => {
      let withAliases = 0
      let endedWithAlias = 0
      for (const prompt of conversations) {
        for (let maxTokens = 1; maxTokens <= 24; maxTokens += gateway === 0 ? 2 : 3) {
          const { events, promptTokens } = await setup.answered(gateway, prompt, { maxTokens, trace: true })
          const { answer, aliases } = viewsOf(events)
          const step = replaced(
            lastStep(events),
            aliases.map(({ value, alias }) => [value, alias]),
          )
          const read = setup.read.map((ids) => setup.textOf(ids.slice(promptTokens)))
          expect(read.map((text) => text.toLowerCase() + step)).toContain(answer.toLowerCase())
          const real = aliases.map(({ value, alias }) => [alias, value] as const)
          expect(replaced(answer, real)).toBe(clientText(events).toLowerCase())
          if (answer !== clientText(events)) withAliases++
          if (aliases.some(({ alias }) => step.endsWith(alias.toLowerCase()))) endedWithAlias++
        }
      }
      expect(withAliases).toBeGreaterThan(5)
      expect(endedWithAlias).toBeGreaterThan(0)
    },
  )
})
