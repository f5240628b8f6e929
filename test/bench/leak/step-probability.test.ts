import { describe, expect, test } from 'vitest'
import { forcedSteps } from '../../../bench/leak/forced-steps.ts'
import { stepProbability } from '../../../bench/leak/step-probability.ts'
import { VirtualTime } from '../../../bench/lookahead/virtual-time.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { AnswerProgress } from '../../../src/steer/channels/answer-progress.ts'
import type { DecodeOptions } from '../../../src/steer/decoding/decode.ts'
import { newDecodeCounters } from '../../../src/steer/decoding/decode-counters.ts'
import { referenceLoop } from '../../../src/steer/decoding/reference-loop.ts'
import type { DecodeGuard } from '../../../src/steer/guard/decode-guard.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { guard, texts, tokens, vocabulary } from '../../steer/guard/noor-and-sammy.ts'
import { take, tokensOf } from '../../steer/lookahead/simulated-answer.ts'
import { SimulatedContinuation } from '../../steer/lookahead/simulated-pair.ts'
import { randomModel, TableUpstream } from '../../steer/table-models.ts'

const [hi, no, or, , , , gap, name, , end] = tokens
const prompt = unguarded([hi])

/** What a guarded answer is made with, by models drawn from a seed. */
function simulated(models: number, guarding: DecodeGuard, seed = 0) {
  const time = new VirtualTime()
  const local = new SimulatedContinuation({
    without: randomModel(models, texts.length, 2),
    delta: randomModel(models + 1, texts.length, 1),
    strength: 1,
    time,
    passMs: () => 0,
  })
  const upstream = new TableUpstream(randomModel(models + 2, texts.length, 2), vocabulary)
  const options: DecodeOptions = {
    upstream,
    local,
    guard: guarding,
    prompt,
    steering: {
      strength: 1,
      candidates: texts.length,
      fidelity: 'top-k',
      gate: null,
      onLocalFailure: 'fail',
    },
    sampling: { ...greedy, temperature: 1, seed },
    alternatives: 0,
    channels: null,
    endTokens: vocabulary.endTokens,
    maxTokens: 2,
    clock: time,
    trace: false,
    counters: newDecodeCounters(),
    signal: new AbortController().signal,
  }
  return { time, options, local, upstream }
}

const steps = [
  { tokens: [no, or], isValue: true },
  ...texts.map((_, id) => ({ tokens: [tokenId(id)], isValue: false })),
]

/** The probability of each of the steps at the answer's beginning. */
async function probabilities(models: number, guarding: DecodeGuard): Promise<number[]> {
  const { time, options, local, upstream } = simulated(models, guarding)
  const [distribution] = await upstream.distributions({
    prefixes: [prompt],
    candidates: texts.length,
    signal: options.signal,
  })
  if (distribution === undefined) throw new Error('no distribution')
  const place = { local, row: local.root }
  const found: number[] = []
  for (const step of steps) {
    const progress = new AnswerProgress(prompt, null, guarding)
    const position = { options, guard: guarding, progress, distribution, place, leastAlias: 0 }
    found.push(await time.run(stepProbability(position, step)))
  }
  return found
}

const asking = new Map([[gap, [{ path: [gap, name], tokens: [no, or], needsBorder: false }]]])
const filling = { ...guard, gapsBy: asking }

const guardings = [
  { name: 'with a gap that asks for the value', guarding: filling },
  { name: 'before the upstream has read an alias', guarding: guard },
  { name: 'once it has read one', guarding: { ...guard, masksPrompt: true } },
]

describe.each(guardings)('the probabilities of what may come next, $name,', ({ guarding }) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('are those of everything that may: models %i', async (models) => {
    const all = await probabilities(models * 10, guarding)
    expect(all.reduce((a, b) => a + b)).toBeCloseTo(1, 9)
  })
})

test.each([guard, filling])('answers begin with each step as often as it is likely', async (guarding) => {
  const drawn = steps.map(() => 0)
  const rounds = 800
  for (let seed = 0; seed < rounds; seed++) {
    const { time, options } = simulated(70, guarding, seed)
    const [first = end, second] = tokensOf(await time.run(take(referenceLoop(options))))
    const isValue = first === no && second === or
    const index = isValue ? 0 : first + 1
    drawn[index] = (drawn[index] ?? 0) + 1 / rounds
  }
  const likely = await probabilities(70, guarding)
  for (const [index, share] of drawn.entries()) expect(share).toBeCloseTo(likely[index] as number, 1)
})

describe('a text', () => {
  test('is cut at its values, each with the space before it', () => {
    expect(forcedSteps('Hi Noor is on', guard, 10)).toEqual([
      { tokens: [hi], isValue: false },
      { tokens: [no, or], isValue: true },
      { tokens: [tokenId(5)], isValue: false },
      { tokens: [tokenId(8)], isValue: false },
    ])
  })

  test('ends before a step that would be too long', () => {
    expect(forcedSteps('Hi Noor is on', guard, 2)).toEqual([{ tokens: [hi], isValue: false }])
  })
})
