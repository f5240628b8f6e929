import { describe, expect, test } from 'vitest'
import {
  alignmentOf,
  alignmentReport,
  alignmentSentence,
} from '../../../src/gateway/opening/upstream-alignment.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { VocabularyAlignment } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { recordedText } from '../../models/recorded-text.ts'
import { randomModel, TableUpstream } from '../../steer/table-models.ts'

const upstream = recordedText('qwen2')
const local = recordedText('smollm')
const alignment = alignmentOf('map', { name: 'far', upstream, local }) as VocabularyAlignment
function table() {
  return new TableUpstream(randomModel(1, upstream.vocabulary.size, 6), {
    ...upstream.vocabulary,
    endTokens: new Set(),
  })
}

describe('the report on an alignment', () => {
  test('there is none where both have the same tokens', () => {
    expect(alignmentOf('map', { name: 'far', upstream: local, local: recordedText('smollm') })).toBeNull()
  })

  test('nothing else than a few marks may differ where the same tokens are wanted', () => {
    expect(() => alignmentOf('exact', { name: 'far', upstream, local })).toThrow(/far and the local model/)
    const bytes = (id: number) => (id === 5 ? new Uint8Array(0) : upstream.vocabulary.bytes(tokenId(id)))
    const vocabulary = { ...upstream.vocabulary, fingerprint: 'without one', bytes }
    const without = { ...upstream, vocabulary }
    const marks = alignmentOf('exact', { name: 'far', upstream, local: without })
    expect(marks?.mode).toBe('map')
    expect(marks?.counts.tokens).toBe((marks?.counts.shared ?? 0) + 1)
  })

  test('tells the share of the tokens, and of the probability in an answer of the upstream', async () => {
    const report = await alignmentReport('far', alignment, table())
    const { aligned, tokens, shared } = alignment.counts
    expect(report).toMatchObject({
      upstream: 'far',
      mode: 'map',
      tokens: aligned / tokens,
      shared: shared / tokens,
    })
    expect(report.probability).toBeGreaterThan(0)
    expect(report.probability).toBeLessThan(1)
    const bytes = alignmentOf('bytes', { name: 'far', upstream, local }) as VocabularyAlignment
    expect((await alignmentReport('far', bytes, table())).probability).toBeGreaterThan(
      report.probability ?? 1,
    )
  })

  test('does without the probability where the upstream is not open or answers nothing', async () => {
    expect(await alignmentReport('far', alignment, null)).toMatchObject({ probability: null })
    const broken = table()
    broken.encodeChat = () => Promise.reject(new GatewayError('upstream_refused', 'The upstream is busy.'))
    expect(await alignmentReport('far', alignment, broken)).toMatchObject({ probability: null })
  })

  test('is a sentence in which 100 % means all', () => {
    const report = { upstream: 'far', mode: 'bytes', tokens: 0.99999, shared: 0.5, probability: 1 } as const
    expect(alignmentSentence(report)).toBe(
      "bytes covers 99.9 % of the upstream's tokens (50.0 % are tokens of the local model too), and 100.0 % of the probability in a sample answer.",
    )
    expect(alignmentSentence({ ...report, mode: 'map', probability: null })).toBe(
      "map covers 99.9 % of the upstream's tokens.",
    )
  })
})
