import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitWindow } from '../../../src/profiles/rendering/fit-window.ts'

describe('fitWindow', () => {
  test('leaves out no more than it takes (property)', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 })
    fc.assert(
      fc.property(sizes, fc.nat(120), (parts, budgetTokens) => {
        const droppable = parts.map((size, index) => ({ size, index }))
        const render = (left: ReadonlySet<{ size: number }>) =>
          'x'.repeat(droppable.filter((part) => !left.has(part)).reduce((sum, { size }) => sum + size, 0))
        const { rendered, left } = fitWindow({
          droppable,
          render,
          countTokens: (s) => s.length,
          budgetTokens,
        })
        expect(rendered.length).toBeLessThanOrEqual(budgetTokens)
        expect([...left]).toEqual(droppable.slice(0, left.size))
        const last = [...left].at(-1)
        if (last !== undefined) expect(rendered.length + last.size).toBeGreaterThan(budgetTokens)
      }),
    )
  })
})
