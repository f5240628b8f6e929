import { expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { greedy } from '../../../src/steer/sampling/sampling.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { meteredUpstream } from '../../../src/upstream/wrappers/metered-upstream.ts'
import { letterVocabulary, randomModel, TableUpstream } from '../../steer/table-models.ts'

const prefix = unguarded([tokenId(1), tokenId(2)])
const query = { candidates: 3, signal: new AbortController().signal }
const stream = { ...query, prefix, maxTokens: 3, sampling: greedy }

function metered() {
  const heard: string[] = []
  const meter = {
    asked: ({ length }: { readonly length: number }) => heard.push(`asked ${length}`),
    received: (tokens: number) => heard.push(`received ${tokens}`),
  }
  const table = new TableUpstream(randomModel(5, 9, 4), letterVocabulary(9))
  return { heard, upstream: meteredUpstream(table, meter) }
}

test('the meter hears of each prefix before it is sent, and of each token that comes', async () => {
  const { heard, upstream } = metered()
  await upstream.distributions({ ...query, prefixes: [prefix, unguarded([tokenId(1)])] })
  expect(heard).toEqual(['asked 2', 'asked 1', 'received 2'])
  heard.length = 0
  for await (const _ of upstream.stream({ ...stream, maxTokens: 2 })) heard.push('read')
  expect(heard).toEqual(['asked 2', 'received 1', 'read', 'received 1', 'read'])
})
