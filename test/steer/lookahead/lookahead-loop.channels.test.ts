import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnswerChannels } from '../../../src/steer/channels/answer-channels.ts'
import { AnswerProgress } from '../../../src/steer/channels/answer-progress.ts'
import type { TagGrammar } from '../../../src/steer/channels/channel-grammar.ts'
import { openChannels } from '../../../src/steer/channels/open-channels.ts'
import type { DecodeEvent } from '../../../src/steer/decoding/decode.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { plannerSettings } from '../../../src/steer/lookahead/lookahead-settings.ts'
import type { RecordedEvent } from '../../../src/steer/lookahead/recorded-event.ts'
import { replayQueries } from '../../../src/steer/lookahead/replay-queries.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { logSoftmax } from '../ftrl-loop.ts'
import { letterVocabulary, topK } from '../table-models.ts'
import { prompt, type Scenario, scenarios, simulate, take, tokensOf } from './simulated-answer.ts'
import { publicGuesses } from './simulated-pair.ts'

const letters = letterVocabulary(9)
const SPACE = 6
const side = {
  vocabulary: {
    ...letters,
    bytes: (token: TokenId) => (token === SPACE ? Uint8Array.of(32) : letters.bytes(token)),
  },
  controlTokens: new Map([[tokenId(7), 'x']]),
}

/** Markers of one token, spelled ones, and the control token. */
const markers = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 2 }),
  fc.constant('x'),
)

/** Channels that open and close with random texts; what the prompt's last token is may open one. */
const channelled: fc.Arbitrary<AnswerChannels> = fc
  .record({ open: markers, close: markers, call: markers, endCall: fc.option(markers) })
  .filter(({ open, close, call }) => new Set([open, close, call]).size === 3)
  .map(channelsOf)

interface Tags {
  readonly open: string
  readonly close: string
  readonly call: string
  readonly endCall: string | null
}

function channelsOf({ open, close, call, endCall }: Tags): AnswerChannels {
  const body = { type: 'json' } as const
  const written = { mayBeSpelled: false, bareJson: false, shortIds: false }
  const grammar: TagGrammar = {
    type: 'tags',
    name: 'random',
    thinking: { open, close, heading: '' },
    tools: { ...written, open: [call], close: endCall, body },
  }
  return openChannels(grammar, side).withTools
}

/** Behind its call no candidate is text, so that a token without any is picked in front of the next text. */
const picksNoText: [Scenario, AnswerChannels] = [
  {
    seed: 0,
    disagreement: 0.3,
    strength: 0,
    candidates: 3,
    fidelity: 'top-k',
    gate: null,
    temperature: 1.3,
    topP: 1,
    topK: 0,
    alternatives: 0,
    ends: false,
    maxTokens: 11,
    lookahead: {
      drafts: 'public',
      maxInFlight: 2,
      maxTokensPerQuery: 1,
      leastGain: 0,
      throttle: { throttled: false, period: 12, tokensLeft: 0 },
    },
    maxInFlight: 2,
    localMs: 0,
    prefillMs: null,
    upstreamMs: 10,
    jitter: 0,
  },
  channelsOf({ open: 'a', close: 'b', call: 'd', endCall: 'x' }),
]

/** Channels of a model whose prompt opens a block of thoughts. */
const openedByPrompt = openChannels(
  {
    type: 'tags',
    name: 'opened by the prompt',
    thinking: { open: letterOf(prompt.at(-1)), close: 'x', heading: '' },
    tools: 'none',
  },
  side,
).withoutTools

function run(scenario: Scenario, channels: AnswerChannels, loop: 'reference' | 'lookahead') {
  const simulated = simulate(scenario, { decode: { channels } })
  const { options, time } = simulated
  const events: RecordedEvent[] = []
  const record = (event: RecordedEvent) => events.push(event)
  const decoded = time.run(
    take(
      loop === 'reference' ? referenceLoop(options) : lookaheadLoop(options, scenario.lookahead, { record }),
    ),
  )
  return decoded.then((emitted) => ({ ...simulated, recorded: events, events: emitted }))
}

/** What the answer's own tokens are before each of its positions. */
function positions(events: readonly DecodeEvent[], channels: AnswerChannels) {
  const progress = new AnswerProgress(prompt, channels)
  const read: TokenId[] = []
  return events.flatMap((event) => {
    if (event.type !== 'token-emitted') return []
    read.push(...progress.read())
    const { steered, isStructural } = progress
    const at = { event, steered, isStructural, prefix: [...progress.prefix], read: [...read] }
    progress.take(event.token)
    return [at]
  })
}

describe('an answer of several channels', () => {
  test('is the same ahead as token by token, whatever overtakes what', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, channelled, async (scenario, channels) => {
        const expected = await run(scenario, channels, 'reference')
        const { events, upstream, options } = await run(scenario, channels, 'lookahead')
        expect(events).toEqual(expected.events)
        expect(upstream.inFlight).toBe(0)
        const { counters } = options
        expect(counters.upstreamQueries).toBe(upstream.seen.length)
        expect(counters.steeredTokens + counters.unsteeredTokens).toBe(tokensOf(events).length)
        expect(tokensOf(events).length).toBeLessThanOrEqual(scenario.maxTokens)
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves what opens and closes channels, and what is in the others, to the upstream', async () => {
    const seen = { structural: 0, steered: 0, others: 0 }
    await fc.assert(
      fc.asyncProperty(scenarios, channelled, async (scenario, channels) => {
        const greedy = { ...scenario, temperature: 0, candidates: 9, gate: null, ends: false }
        const { events, upstream, local } = await run(greedy, channels, 'reference')
        for (const { event, steered, isStructural, prefix, read } of positions(events, channels)) {
          const base = logSoftmax(upstream.tableModel(prefix))
          const own = base.indexOf(Math.max(...base))
          if (!steered || isStructural?.(tokenId(own))) {
            expect([event.token, event.steered]).toEqual([own, false])
            seen[steered ? 'structural' : 'others']++
            continue
          }
          const deltas = new Float64Array(9)
          const ids = Int32Array.from(base.keys())
          const [row] = read.length === 0 ? [local.root] : (await rows(greedy, read)).slice(-1)
          row?.deltasInto(ids, deltas)
          const scores = base.map((score, id) =>
            isStructural?.(tokenId(id)) ? -Infinity : score + greedy.strength * (deltas[id] ?? 0),
          )
          expect([event.token, event.steered]).toEqual([scores.indexOf(Math.max(...scores)), true])
          seen.steered++
        }
      }),
      { numRuns: 300 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })

  test('shows the local model nothing but the answer', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, channelled, async (scenario, channels) => {
        const calm = { ...scenario, gate: null }
        const { events, local } = await run(calm, channels, 'reference')
        const emitted = tokensOf(events)
        const answers = [...emitted, null].map((_, end) => readBehind(emitted.slice(0, end), channels))
        for (const [last] of local.passes.map((pass) => pass.slice(-1))) {
          expect(answers).toContain((last ?? []).join())
        }
      }),
      { numRuns: 300 },
    )
  })

  test('with public drafts sends what the public prompt, its tokens and the clock give', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, channelled, async (scenario, channels) => {
        const lookahead = { ...scenario.lookahead, drafts: 'public' as const }
        const planned = { ...scenario, fidelity: 'top-k' as const, gate: null, lookahead }
        const { options, upstream, events, recorded, without } = await run(planned, channels, 'lookahead')
        const replayed = await replayQueries({
          settings: plannerSettings(options, lookahead),
          channels,
          emitted: tokensOf(events),
          events: recorded,
          models: {
            guesses: async (answer) => publicGuesses(without, answer),
            step: async (prefix) => {
              const distribution = topK(upstream.tableModel(prefix), options.steering.candidates)
              return { token: tokenId(distribution.ids[0] as number), distribution }
            },
          },
        })
        const sent = replayed.flatMap((query) =>
          query.type === 'send-query' ? [{ prefix: query.prefix, maxTokens: query.maxTokens }] : [],
        )
        expect(sent).toEqual(upstream.seen.map(({ prefix, maxTokens }) => ({ prefix, maxTokens })))
      }),
      { numRuns: 500, examples: [picksNoText] },
    )
  })

  test('streams thoughts in one request, and asks once more for the answer behind them', async () => {
    const [scenario] = fc.sample(scenarios, { seed: 3, numRuns: 1 }) as [Scenario]
    const thinker = { ...scenario, temperature: 0, gate: null, ends: false, maxTokens: 16 }
    const { events, upstream } = await run(thinker, openedByPrompt, 'lookahead')
    const [first] = upstream.seen
    expect(first).toMatchObject({ kind: 'stream', prefix: prompt, maxTokens: 16 })
    const thoughts = positions(events, openedByPrompt).findIndex(({ steered }) => steered)
    const before = upstream.seen.filter(({ prefix }) => {
      const emitted = prefix.length - prompt.length
      return thoughts === -1 || emitted < thoughts
    })
    expect(before).toHaveLength(1)
  })
})

describe('the switch from thoughts to the answer', () => {
  const script = [0, 1, 0, 7, SPACE, SPACE, 2, 3, 2, 3].map(tokenId)
  /** Says the script, whatever it is asked behind. */
  const scripted = (prefix: readonly number[]) => {
    const next = script[prefix.length - prompt.length] ?? tokenId(8)
    return Array.from({ length: 9 }, (_, id) => (id === next ? 20 : 0))
  }
  const [drawn] = fc.sample(scenarios, { seed: 11, numRuns: 1 }) as [Scenario]
  const thinker: Scenario = {
    ...drawn,
    strength: 0,
    temperature: 0,
    candidates: 9,
    fidelity: 'top-k',
    gate: null,
    ends: false,
    maxTokens: script.length,
  }

  test.each(['reference', 'lookahead'] as const)(
    'costs one query in the %s loop: what stands around the block comes with the thoughts',
    async (loop) => {
      const { options, upstream, time } = simulate(thinker, {
        decode: { channels: openedByPrompt },
        upstream: { model: scripted },
      })
      const decoded =
        loop === 'reference' ? referenceLoop(options) : lookaheadLoop(options, thinker.lookahead)
      const events = await time.run(take(decoded))
      expect(tokensOf(events)).toEqual(script)
      const lengths = upstream.seen.map(({ prefix }) => prefix.length - prompt.length)
      expect(lengths.filter((emitted) => emitted <= 6)).toEqual([0, 6])
      const steered = events.map((event) => event.type === 'token-emitted' && event.steered)
      expect(steered.slice(0, -1)).toEqual(script.map((_, at) => at >= 6))
      expect([options.counters.unsteeredTokens, options.counters.steeredTokens]).toEqual([6, 4])
    },
  )

  test.each(['reference', 'lookahead'] as const)(
    'ends the answer in the %s loop where the upstream ends it there, whatever the local pair would say',
    async (loop) => {
      const ending = { ...thinker, strength: 1, ends: true, maxTokens: 16 }
      const silent = (prefix: readonly number[]) => {
        const at = prefix.length - prompt.length
        return Array.from({ length: 9 }, (_, id) => (id === (at < 6 ? script[at] : 8) ? 20 : 0))
      }
      const { options, upstream, time } = simulate(ending, {
        decode: { channels: openedByPrompt },
        upstream: { model: silent },
      })
      const decoded = loop === 'reference' ? referenceLoop(options) : lookaheadLoop(options, ending.lookahead)
      const events = await time.run(take(decoded))
      expect(tokensOf(events)).toEqual(script.slice(0, 6))
      expect(events.at(-1)).toEqual({ type: 'decode-end', reason: 'end-token' })
      expect(upstream.seen.map(({ prefix }) => prefix.length - prompt.length)).toEqual([0])
    },
  )
})

/** What the local model has read behind `emitted`. */
function readBehind(emitted: readonly TokenId[], channels: AnswerChannels): string {
  const progress = new AnswerProgress(prompt, channels)
  for (const token of emitted) progress.take(token)
  return progress.read().join()
}

function letterOf(token: TokenId | undefined): string {
  return String.fromCharCode(97 + Number(token))
}

/** The rows of a local pair that has read `answer`. */
async function rows(scenario: Scenario, answer: readonly TokenId[]) {
  const { local, time } = simulate({ ...scenario, localMs: 0 })
  return time.run(local.feed(local.root, answer))
}
