import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { alignedPair } from '../../../src/steer/alignment/aligned-pair.ts'
import { type AlignmentMode, VocabularyAlignment } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import type { DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import type { LocalContinuation, LocalRow } from '../../../src/steer/local-pair.ts'
import { lookaheadLoop } from '../../../src/steer/lookahead/lookahead-loop.ts'
import { plannerSettings } from '../../../src/steer/lookahead/lookahead-settings.ts'
import type { RecordedEvent } from '../../../src/steer/lookahead/recorded-event.ts'
import { replayQueries } from '../../../src/steer/lookahead/replay-queries.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import { type Scenario, scenarios, simulate, take, tokensOf } from '../lookahead/simulated-answer.ts'
import { SimulatedContinuation } from '../lookahead/simulated-pair.ts'
import { randomModel, tableContinuation, topK } from '../table-models.ts'
import { textVocabulary } from './text-vocabulary.ts'

/** The upstream of the simulated answers: "a" to "h", then the end token. */
const upstreamTexts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '<end>']
const upstream = textVocabulary(upstreamTexts)

function notEncoded() {
  return []
}

/**
 * Local vocabularies in any order, with some of the upstream's tokens, some of their own, or a byte missing.
 */
const localTexts = fc.shuffledSubarray([...upstreamTexts, 'xy', '<turn>'], { minLength: 1 })
const modes = fc.constantFrom<AlignmentMode>('map', 'bytes')

function alignmentWith(texts: readonly string[], mode: AlignmentMode) {
  return new VocabularyAlignment({ mode, upstream, local: { ...textVocabulary(texts), encode: notEncoded } })
}

function opened(inner: LocalContinuation, alignment: VocabularyAlignment): Promise<LocalContinuation> {
  const pair = { contextTokens: 1000, open: async () => inner, close: async () => {} }
  const { signal } = new AbortController()
  return alignedPair(pair, alignment).open({ with: [], without: [], strength: 1, signal })
}

/** The local tables of a scenario, over the local model's own tokens. */
function localModels({ seed }: Scenario, size: number) {
  return {
    without: randomModel(seed + 1, size, 4),
    delta: randomModel(seed + 2, size, 3),
  }
}

/** A simulated answer whose local pair has a vocabulary of its own. */
async function alignedAnswer(scenario: Scenario, texts: readonly string[], mode: AlignmentMode) {
  const { options, time, upstream: server } = simulate({ ...scenario, prefillMs: null })
  const inner = new SimulatedContinuation({
    ...localModels(scenario, texts.length),
    strength: scenario.strength,
    time,
    passMs: (tokens) => scenario.localMs * (1 + tokens),
  })
  const local = await opened(inner, alignmentWith(texts, mode))
  const decode: DecodeOptions = {
    ...options,
    local: scenario.prefillMs === null ? local : time.after(scenario.prefillMs).then(() => local),
  }
  return { options: decode, time, server }
}

async function referenceEvents(scenario: Scenario, texts: readonly string[], mode: AlignmentMode) {
  const { options, time } = await alignedAnswer(scenario, texts, mode)
  return { events: await time.run(take(referenceLoop(options))), counters: options.counters }
}

describe('an answer over an aligned pair', () => {
  test('is the same token by token and with guesses, whatever the vocabularies share', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, localTexts, modes, async (scenario, texts, mode) => {
        const { options, time, server } = await alignedAnswer(scenario, texts, mode)
        const events = await time.run(take(lookaheadLoop(options, scenario.lookahead)))
        const expected = await referenceEvents(scenario, texts, mode)
        expect(events).toEqual(expected.events)
        expect(options.counters.coveredMass).toBeCloseTo(expected.counters.coveredMass, 9)
        expect(server.inFlight).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('with exact fidelity and few candidates is that of the whole vocabulary', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, localTexts, modes, async (scenario, texts, mode) => {
        const one = { ...scenario, gate: null, temperature: 0, alternatives: 0 }
        const exact = await referenceEvents({ ...one, fidelity: 'exact' }, texts, mode)
        const whole = await referenceEvents({ ...one, fidelity: 'top-k', candidates: 9 }, texts, mode)
        expect(tokensOf(exact.events)).toEqual(tokensOf(whole.events))
      }),
      { numRuns: 120 },
    )
  })

  test('sends queries that are reproduced from public facts alone', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, localTexts, modes, async (scenario, texts, mode) => {
        const planned = { ...scenario, fidelity: 'top-k' as const, gate: null }
        const lookahead = { ...scenario.lookahead, drafts: 'public' as const }
        const { options, time, server } = await alignedAnswer(planned, texts, mode)
        const events: RecordedEvent[] = []
        const emitted = tokensOf(
          await time.run(take(lookaheadLoop(options, lookahead, { record: (event) => events.push(event) }))),
        )
        const { without } = localModels(planned, texts.length)
        const guesses = async (answer: readonly TokenId[]) => {
          const still = new VirtualTime()
          const tables = { without, delta: without, strength: 9, time: still, passMs: () => 0 }
          const publicly = await opened(new SimulatedContinuation(tables), alignmentWith(texts, mode))
          const rows = answer.length === 0 ? [] : await still.run(publicly.feed(publicly.root, answer))
          return (rows.at(-1) ?? publicly.root).publicGuesses
        }
        const step = async (prefix: readonly TokenId[]) => {
          const distribution = topK(server.tableModel(prefix), planned.candidates)
          return { token: tokenId(distribution.ids[0] as number), distribution }
        }
        const settings = plannerSettings(options, lookahead)
        const replayed = await replayQueries({
          channels: null,
          settings,
          emitted,
          events,
          models: { guesses, step },
        })
        const sent = replayed.flatMap(({ type, ...query }) => (type === 'send-query' ? [query] : []))
        expect(sent).toMatchObject(server.seen.map(({ prefix, maxTokens }) => ({ prefix, maxTokens })))
        expect(sent).toHaveLength(server.seen.length)
      }),
      { numRuns: 120 },
    )
  })
})

describe('an aligned pair', () => {
  const sequencesOf = (texts: readonly string[]) => {
    const sequences: string[] = []
    const inner = tableContinuation((sequence) => {
      sequences.push(sequence.map((id) => texts[id]).join('|'))
      return texts.map(() => 0)
    })
    return { inner, sequences }
  }

  test('over the same vocabulary gives the rows of the pair itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        modes,
        fc.array(fc.nat({ max: 7 }), { minLength: 1 }),
        async (seed, mode, fed) => {
          const deltas = randomModel(seed, 9, 4)
          const plain = tableContinuation(deltas)
          const aligned = await opened(tableContinuation(deltas), alignmentWith(upstreamTexts, mode))
          const ids = Int32Array.from(upstreamTexts.keys())
          const read = (row: LocalRow | undefined) => {
            const values = new Float64Array(ids.length)
            row?.deltasInto(ids, values)
            return [row?.depth, ...values, row?.maxDeltaOutside(ids.subarray(0, 4))]
          }
          const [own, others] = await Promise.all([
            plain.feed(plain.root, tokenIds(fed)),
            aligned.feed(aligned.root, tokenIds(fed)),
          ])
          expect(others.map(read)).toEqual(own.map(read))
          expect(read(aligned.root)).toEqual(read(plain.root))
        },
      ),
    )
  })

  test('feeds a token as the local tokens that spell it, below the right ones of a tree', async () => {
    const there = textVocabulary(['ab', 'c', '<tool>', 'ca'])
    const here = ['a', 'b', 'c']
    const { inner, sequences } = sequencesOf(here)
    const alignment = new VocabularyAlignment({
      mode: 'map',
      upstream: there,
      local: { ...textVocabulary(here), encode: notEncoded },
    })
    const local = await opened(inner, alignment)
    const rows = await local.feedTree([
      { parent: local.root, token: tokenId(0) },
      { parent: 0, token: tokenId(1) },
      { parent: 0, token: tokenId(2) },
      { parent: 2, token: tokenId(3) },
    ])
    expect(rows.map(({ depth }) => depth)).toEqual([1, 2, 2, 3])
    expect(sequences).toEqual(['', 'a', 'a|b', 'a|b|c', 'a|b|c', 'a|b|c|a'])
    sequences.length = 0
    await local.feed(rows[3] as LocalRow, [tokenId(1)])
    await local.feed(rows[2] as LocalRow, [tokenId(2)])
    expect(sequences).toEqual(['a|b|c|a|c'])
  })

  test('offers guesses that have a counterpart, and no others', async () => {
    const inner = tableContinuation(() => [0, 0, 0])
    const guesses = [1, 0, 2].map((token) => ({ token: tokenId(token), probability: 0.3 }))
    const guessing = {
      ...inner,
      root: { ...inner.root, publicGuesses: guesses, privateGuesses: guesses.slice(0, 2) },
    }
    const { root } = await opened(guessing, alignmentWith(['xy', 'c', '<end>'], 'bytes'))
    expect(root.publicGuesses.map(({ token }) => token)).toEqual([2, 8])
    expect(root.privateGuesses.map(({ token }) => token)).toEqual([2])
  })

  test('passes failures of the local model on, and none of them unhandled', async () => {
    const inner = tableContinuation(() => [0])
    inner.feedTree = () => Promise.reject(new Error('worker gone'))
    const local = await opened(inner, alignmentWith(['a'], 'map'))
    await expect(local.feed(local.root, [tokenId(0)])).rejects.toThrow('worker gone')
    local.feed(local.root, [tokenId(0)])
    await new Promise((resolve) => setImmediate(resolve))
  })
})
