import { describe, expect, test } from 'vitest'
import { mayFit, needsOf, originOf, smallOnes, startWith, withLarge } from '../../../web/models/choice.ts'
import { fakeChoices } from '../../gateway/choosing/fake-choices.ts'

const listing = await fakeChoices().choices.listing()
const pair = { large: 'qwen2.5-coder-1.5b', small: 'qwen2.5-coder-0.5b' }

describe('a choice of models in the page', () => {
  test('takes the small model that suits a large one best', () => {
    expect(withLarge(listing, pair.large)).toEqual(pair)
    expect(withLarge(listing, null)).toEqual({ large: null, small: null })
    const names = ['qwen2.5-coder-0.5b', 'qwen3-0.6b', 'qwen2.5-0.5b-instruct-gguf', 'my-qwen']
    expect(smallOnes(listing, null).map(({ name }) => name)).toEqual(names)
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

  test('says of models that are not in the catalogue where they are from, and whether they fit', () => {
    const unsure = listing.models.filter((model) => mayFit(listing, null, model)).map(({ name }) => name)
    expect(unsure).toEqual(['my-qwen'])
    expect(listing.models.some((model) => mayFit(listing, 'my-qwen', model))).toBe(false)
    expect(originOf('/home/ann/My Qwen.gguf')).toEqual({ from: 'imported', what: 'My Qwen.gguf' })
    expect(originOf('C:\\models\\Qwen')).toEqual({ from: 'imported', what: 'Qwen' })
    expect(originOf('hub a/b/c.gguf')).toEqual({ from: 'fromHub', what: 'a/b/c.gguf' })
  })

  test('tells how to start with it', () => {
    expect(startWith(listing, pair)).toBe('npm start -- --pair qwen2.5-coder')
    expect(startWith(listing, { large: null, small: 'qwen3-0.6b' })).toBe('local: { model: qwen3-0.6b }')
    expect(startWith(listing, { large: 'qwen3-4b', small: 'qwen3-0.6b' })).toContain('model: qwen3-4b')
    expect(startWith(listing, { large: null, small: null })).toBeNull()
  })
})
