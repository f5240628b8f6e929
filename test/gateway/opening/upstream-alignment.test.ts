import { describe, expect, test } from 'vitest'
import {
  alignmentOf,
  alignmentReport,
  alignmentSentence,
} from '../../../src/gateway/opening/upstream-alignment.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { VocabularyAlignment } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { recordedText } from '../../models/recorded-text.ts'
import { randomModel, TableUpstream } from '../../steer/table-models.ts'

const upstream = recordedText('qwen2')
const local = recordedText('smollm')
const alignment = alignmentOf('map', { upstream, local }) as VocabularyAlignment
function table() {
  return new TableUpstream(randomModel(1, upstream.vocabulary.size, 6), {
    ...upstream.vocabulary,
    endTokens: new Set(),
  })
}

describe('the report on an alignment', () => {
  test('there is none where both have the same tokens, or none is wanted', () => {
    expect(alignmentOf('map', { upstream: local, local: recordedText('smollm') })).toBeNull()
    expect(alignmentOf('exact', { upstream, local })).toBeNull()
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
    const bytes = alignmentOf('bytes', { upstream, local }) as VocabularyAlignment
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
