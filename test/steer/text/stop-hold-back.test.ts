import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StopHoldBack } from '../../../src/steer/text/stop-hold-back.ts'

describe('stop strings', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 })
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), {
    maxLength: 3,
  })

  const earliestCompletion = (text: string, all: readonly string[]): number => {
    for (let end = 1; end <= text.length; end++) {
      const done = all.filter((stop) => text.slice(0, end).endsWith(stop))
      if (done.length > 0) return end - Math.max(...done.map((stop) => stop.length))
    }
    return -1
  }

  test('what is shown is the text before the stop string that completes first, however it is cut', () => {
    fc.assert(
      fc.property(letters, stops, fc.array(fc.nat(4)), (text, all, cuts) => {
        const holdBack = new StopHoldBack(all)
        let shown = ''
        let rest = text
        for (const length of [...cuts, text.length]) {
          shown += holdBack.push(rest.slice(0, length))
          rest = rest.slice(length)
        }
        shown += holdBack.flush()
        const cut = earliestCompletion(text, all)
        expect(shown).toBe(cut === -1 ? text : text.slice(0, cut))
        expect(holdBack.stopped).toBe(cut !== -1)
        const { stoppedBy } = holdBack
        expect(stoppedBy === null).toBe(cut === -1)
        if (stoppedBy !== null) expect(text.slice(cut).startsWith(stoppedBy)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('nothing is held back longer than it may begin a stop string', () => {
    const holdBack = new StopHoldBack(['\n\nUser:'])
    expect(holdBack.push('Hello\n')).toBe('Hello')
    expect(holdBack.push('World')).toBe('\nWorld')
  })
})
