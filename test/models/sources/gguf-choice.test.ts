import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseGguf, ggufChoices } from '../../../src/models/sources/gguf-choice.ts'
import type { HubRepository } from '../../../src/models/sources/hub-repository.ts'

function repositoryOf(names: readonly string[], isCached = false): HubRepository {
  const files = new Map(names.map((name) => [name, { bytes: 1, digest: null }]))
  return { repo: 'Maker/Tiny', commit: 'c'.repeat(40), isGated: false, isCached, files }
}

function part(number: number, of = 2): string {
  return `Q8_0/Tiny-Q8_0-0000${number}-of-0000${of}.gguf`
}

function taken(names: readonly string[], wanted: string | null = null): string {
  return chooseGguf(repositoryOf(names), wanted).files[0]
}

const several = ['Tiny-Q8_0.gguf', 'Tiny-Q4_K_M.gguf', 'Tiny-UD-Q4_K_XL.gguf', 'Tiny-BF16.gguf']

test('the models of a repository are its GGUF files, a split one once, and nothing that is only beside one', () => {
  const names = [part(2), part(1), 'Tiny-Q2_K.gguf', 'mmproj-F16.gguf', 'imatrix.gguf', 'README.md']
  expect(ggufChoices(names)).toEqual([
    { quantisation: 'Q8_0', files: [part(1), part(2)] },
    { quantisation: 'Q2_K', files: ['Tiny-Q2_K.gguf'] },
  ])
  expect(ggufChoices([part(1, 3), part(2, 3)])).toEqual([])
})

describe('where nothing is named', () => {
  test.each([
    [several, 'Tiny-Q4_K_M.gguf'],
    [['a-Q8_0.gguf', 'a-Q5_K_M.gguf', 'a-Q3_K_L.gguf', 'a-F16.gguf'], 'a-Q5_K_M.gguf'],
    [['a-IQ2_M.gguf', 'a-q4_0.gguf', 'a-IQ3_M.gguf'], 'a-q4_0.gguf'],
    [['a-BF16.gguf', 'a-Q2_K.gguf'], 'a-BF16.gguf'],
    [['model.gguf'], 'model.gguf'],
  ])('of %j it is %s', (names, file) => {
    expect(taken(names)).toBe(file)
  })

  test('it does not depend on the order of the files', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(several, { minLength: 1 }), (names) => {
        expect(taken(names)).toBe(taken(names.toSorted()))
      }),
    )
  })

  test('it is asked where several are as good', () => {
    expect(() => taken(['a-Q4_K_M.gguf', 'b-Q4_K_M.gguf', 'b-Q8_0.gguf'])).toThrow(
      'several GGUF files for you to choose from. Name one as Maker/Tiny:NAME, of a-Q4_K_M.gguf, b-Q4_K_M.gguf.',
    )
  })
})

describe('what is named', () => {
  test.each([
    ['q8_0', 'Tiny-Q8_0.gguf'],
    ['Q4_K_XL', 'Tiny-UD-Q4_K_XL.gguf'],
    ['tiny-bf16.gguf', 'Tiny-BF16.gguf'],
  ])('as %s is %s', (wanted, file) => {
    expect(taken(several, wanted)).toBe(file)
  })

  test('and is not there is answered with what is', () => {
    expect(() => taken(several, 'Q6_K')).toThrow(
      'The repository Maker/Tiny has no Q6_K. Name one as Maker/Tiny:NAME, of Q8_0, Q4_K_M, UD-Q4_K_XL, BF16.',
    )
    expect(() => taken(['a-Q8_0.gguf', 'b-Q8_0.gguf'], 'Q6_K')).toThrow('of a-Q8_0.gguf, b-Q8_0.gguf.')
    expect(() => taken(['README.md'], 'Q6_K')).toThrow('The repository Maker/Tiny holds no GGUF file.')
    expect(() => chooseGguf(repositoryOf(several, true), 'Q6_K')).toThrow(
      /this machine's cache .* has no Q6_K/,
    )
  })
})
