import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import { unguarded } from '../../../src/guard/public.ts'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { oneByOne, tellsInFull } from '../../../src/upstream/served/streams-in-full.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { byteModel, byteTokenizer } from '../served-model/byte-model.ts'

const signal = new AbortController().signal
const greedy = { temperature: 0, topP: 1, topK: 0, seed: 0 }

function row(...ids: number[]): Distribution {
  return { ids: Int32Array.from(ids), logprobs: new Float64Array(ids.length), complete: false }
}

async function* steps(distributions: readonly (Distribution | null | Error)[]) {
  for (const distribution of distributions) {
    if (distribution instanceof Error) throw distribution
    yield { distribution }
  }
}

describe('candidates in streams', () => {
  test.each([
    ['of each token', [row(1, 2), row(3, 4)], true],
    ['of the first token alone', [row(1, 2), null], false],
    ['of one that is certain', [row(1, 2), row(3)], false],
    ['of no token', [], false],
    ['that cannot be read', [row(1, 2), new GatewayError('upstream_invalid_reply', 'No.')], false],
  ])('%s', async (_, told, expected) => {
    expect(await tellsInFull(steps(told))).toBe(expected)
  })

  test('are not said to be left out by a server that fails', async () => {
    const away = new GatewayError('upstream_unreachable', 'Away.')
    await expect(tellsInFull(steps([row(1, 2), away]))).rejects.toBe(away)
  })
})

test('token by token the continuation is the same, up to and with its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.integer({ min: 1, max: 30 }), async (text, maxTokens) => {
      const prefix = unguarded(byteTokenizer.encode(`${text}.`))
      const query = { candidates: 3, signal }
      const one = oneByOne({
        prefix,
        maxTokens,
        sampling: greedy,
        next: (behind, sampling) =>
          byteModel.stream({ ...query, prefix: unguarded(behind), maxTokens: 1, sampling }),
        isEnd: (token) => byteModel.vocabulary.endTokens.has(token),
      })
      expect(await collectedSteps(one)).toEqual(
        await collectedSteps(byteModel.stream({ ...query, prefix, maxTokens, sampling: greedy })),
      )
    }),
    { numRuns: 50 },
  )
})
