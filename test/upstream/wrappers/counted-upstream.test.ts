import { expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { countedUpstream } from '../../../src/upstream/wrappers/counted-upstream.ts'
import { letterVocabulary, randomModel, TableUpstream } from '../../steer/table-models.ts'

test('queries count as in flight from asking to their last answer, however they end', async () => {
  let inFlight = 0
  const seen: number[] = []
  const table = new TableUpstream(randomModel(3, 9, 4), letterVocabulary(9))
  const upstream = countedUpstream(table, (change) => {
    inFlight += change
    seen.push(inFlight)
  })
  const query = { candidates: 3, signal: new AbortController().signal }
  const prefix = unguarded([tokenId(1)])
  await upstream.distributions({ ...query, prefixes: [prefix, prefix] })
  expect(seen).toEqual([2, 0])
  const stream = { ...query, prefix, maxTokens: 4, sampling: { ...greedy, topP: 1, topK: 0, seed: 0 } }
  for await (const _ of upstream.stream(stream)) expect(inFlight).toBe(1)
  expect(inFlight).toBe(0)
  for await (const _ of upstream.stream(stream)) break
  expect(inFlight).toBe(0)
  await expect(
    upstream.distributions({ ...query, prefixes: [prefix], signal: AbortSignal.abort() }),
  ).rejects.toThrow()
  expect(inFlight).toBe(0)
})
