import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PrefixCheck } from '../../../src/steer/guard/prefix-check.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import { guards, spacedVocabulary } from './guarded-scenario.ts'

const token = fc.nat(spacedVocabulary.size - 1).map(tokenId)

/** A long prefix, and what becomes of it: cut off somewhere, mostly near its end, it goes on otherwise. */
const changes = fc.array(
  fc.record({
    kept: fc.oneof(fc.nat(1500), fc.integer({ min: 900, max: 1100 })),
    added: fc.array(token, { maxLength: 300, size: 'max' }),
  }),
  { minLength: 1, maxLength: 8 },
)

function prompt(length: number): TokenId[] {
  return Array.from({ length }, (_, at) => tokenId(at % 3 === 0 ? 8 : 5))
}

test('prefixes are judged as if each was read by itself, wherever they leave the one before', () => {
  fc.assert(
    fc.property(guards, changes, (guard, changed) => {
      const check = new PrefixCheck(guard)
      let prefix = prompt(1000)
      expect(check.holdsPrivate(prefix)).toBe(new PrefixCheck(guard).holdsPrivate(prefix))
      for (const { kept, added } of changed) {
        prefix = [...prefix.slice(0, kept), ...added]
        const copy = check.copy()
        const expected = new PrefixCheck(guard).holdsPrivate(prefix)
        expect(check.holdsPrivate(prefix)).toBe(expected)
        expect(copy.holdsPrivate(prefix)).toBe(expected)
      }
    }),
  )
})

test('of a long prompt little is kept beside its tokens', () => {
  const [guard] = fc.sample(guards, { seed: 3, numRuns: 1 })
  if (guard === undefined) throw new Error('no guard')
  const check = new PrefixCheck(guard)
  check.holdsPrivate(prompt(100_000))
  expect(check.places).toBeLessThan(2500)
})
