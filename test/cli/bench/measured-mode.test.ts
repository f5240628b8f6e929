import { describe, expect, test } from 'vitest'
import { agreement, measuredMode } from '../../../src/cli/bench/measured-mode.ts'

describe('the figures', () => {
  const timed = (...times: number[]) => ({ tokens: tokens(...times), cost: null })
  const tokens = (...times: number[]) => times.map((atMs, i) => ({ text: `w${i}`, atMs, lead: 0.1 * i }))

  test('are per token after the first, over all answers', () => {
    const mode = measuredMode([timed(100, 110, 130), timed(300, 360), timed(80)])
    expect(mode).toMatchObject({ tokens: 6, msPerToken: 30, firstTokenMs: 100, firstTokenP95: 300, p50: 20 })
    expect(mode.tokensPerSecond).toBeCloseTo(33.3, 1)
  })

  test('name the mean cost, where answers have one', () => {
    expect(measuredMode([timed(1, 2)])).not.toHaveProperty('cost')
    const priced = [0.5, 1].map((cost) => ({ ...timed(1, 2), cost }))
    expect(measuredMode(priced).cost).toBe(0.75)
  })

  test('count what two runs share until they part, and the lead there', () => {
    const other = tokens(1, 2, 3).with(1, { text: 'x', atMs: 2, lead: 1 })
    expect(agreement([tokens(1, 2, 3), tokens(1)], [other, tokens(9)])).toEqual({
      identicalAnswers: 1,
      identicalTokens: 0.5,
      leadsAtDifference: [0.1],
    })
  })
})
