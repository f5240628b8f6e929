import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textBatches } from '../../../../web/profiles/import/text-batches.ts'

test('batches hold every text once, in order, and no more than a request takes', () => {
  const limits = { mostTexts: 4, mostChars: 20 }
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string({ maxLength: 30 }) })), (texts) => {
      const batches = textBatches(texts, limits)
      expect(batches.flat()).toEqual(texts)
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0)
        expect(batch.length).toBeLessThanOrEqual(limits.mostTexts)
        const chars = batch.reduce((sum, { text }) => sum + text.length, 0)
        // A single text that is too long is the gateway's to refuse
        if (batch.length > 1) expect(chars).toBeLessThanOrEqual(limits.mostChars)
      }
    }),
  )
})
