import { describe, expect, test } from 'vitest'
import { needsOf, smallOnes, startWith, withLarge } from '../../../web/models/choice.ts'
import { fakeChoices } from '../../gateway/choosing/fake-choices.ts'

const listing = await fakeChoices().choices.listing()
const pair = { large: 'qwen2.5-coder-1.5b', small: 'qwen2.5-coder-0.5b' }

describe('a choice of models in the page', () => {
  test('takes the small model that suits a large one best', () => {
    expect(withLarge(listing, pair.large)).toEqual(pair)
    expect(withLarge(listing, null)).toEqual({ large: null, small: null })
    expect(smallOnes(listing, null).map(({ name }) => name)).toEqual(['qwen2.5-coder-0.5b', 'qwen3-0.6b'])
  })

  test('takes the files that are not here, and memory for each model once', () => {
    expect(needsOf(listing, pair)).toEqual({
      downloadBytes: 1_235_200_000,
      memoryBytes: 2_649_400_000,
      fits: true,
    })
    const same = { large: 'qwen3-0.6b', small: 'qwen3-0.6b' }
    expect(needsOf(listing, same).memoryBytes).toBe(774_800_000)
    expect(needsOf(listing, { large: 'qwen3-4b', small: 'qwen3-0.6b' }).fits).toBe(false)
    expect(needsOf(listing, { large: null, small: null })).toMatchObject({ memoryBytes: null, fits: true })
  })

  test('tells how to start with it', () => {
    expect(startWith(listing, pair)).toBe('npm start -- --pair qwen2.5-coder')
    expect(startWith(listing, { large: null, small: 'qwen3-0.6b' })).toBe('local: { model: qwen3-0.6b }')
    expect(startWith(listing, { large: 'qwen3-4b', small: 'qwen3-0.6b' })).toContain('model: qwen3-4b')
    expect(startWith(listing, { large: null, small: null })).toBeNull()
  })
})
