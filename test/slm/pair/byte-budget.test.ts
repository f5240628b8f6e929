import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBudget } from '../../../src/slm/pair/byte-budget.ts'

const patient = new AbortController().signal
/** Enough turns of the event loop for everything that can go on. */
function settled() {
  return new Promise(setImmediate)
}

describe('a budget of bytes', () => {
  test('lets wait what does not fit, until enough is given back', async () => {
    const budget = new ByteBudget(10)
    const first = await budget.take(6, patient)
    const second = await budget.take(4, patient)
    let third = false
    const waiting = budget.take(5, patient).then((giveBack) => {
      third = true
      return giveBack
    })
    second()
    await settled()
    expect(third).toBe(false)
    first()
    await waiting
    expect(third).toBe(true)
  })

  test('serves in order: what would fit waits behind what does not', async () => {
    const budget = new ByteBudget(10)
    const giveBack = await budget.take(8, patient)
    const order: string[] = []
    const large = budget.take(9, patient).then(() => order.push('large'))
    const small = budget.take(1, patient).then(() => order.push('small'))
    await settled()
    expect(order).toEqual([])
    giveBack()
    await Promise.all([large, small])
    expect(order).toEqual(['large', 'small'])
  })

  test('gives one alone more than it has', async () => {
    const budget = new ByteBudget(10)
    const giveBack = await budget.take(1000, patient)
    giveBack()
    await budget.take(10, patient)
  })

  test('lets those behind pass when one gives up waiting', async () => {
    const budget = new ByteBudget(10)
    await budget.take(8, patient)
    const leaving = new AbortController()
    const large = budget.take(9, leaving.signal)
    const small = budget.take(2, patient)
    leaving.abort(new Error('left'))
    await expect(large).rejects.toThrow('left')
    await small
    await expect(budget.take(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  })

  test('never lends more than it has to several, and everyone gets a turn', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(amounts, fc.infiniteStream(fc.boolean()), async (sizes, leaves) => {
        const budget = new ByteBudget(10)
        const held = new Set<{ readonly size: number; readonly giveBack: () => void }>()
        const served = sizes.map(async (size) => {
          const giveBack = await budget.take(size, patient)
          held.add({ size, giveBack })
          const sum = [...held].reduce((total, one) => total + one.size, 0)
          expect(held.size === 1 || sum <= 10).toBe(true)
        })
        let open = sizes.length
        for (const left of served) left.then(() => open--)
        while (open > 0 || held.size > 0) {
          await settled()
          for (const one of held) {
            if (open > 0 && leaves.next().value === true) continue
            held.delete(one)
            one.giveBack()
            one.giveBack()
          }
        }
        await Promise.all(served)
      }),
      { numRuns: 50 },
    )
  })
})
