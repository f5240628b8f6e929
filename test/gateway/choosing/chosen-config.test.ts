import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { chosenConfig } from '../../../src/gateway/choosing/chosen-config.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'

const catalogue = await loadCatalogue()
const own = [
  { name: 'mine', source: 'mine.gguf', parameters: 5e8, fileBytes: 4e8, vocabulary: null },
  { name: 'tuned', source: 'hub a/Qwen3', parameters: 6e8, fileBytes: 5e8, vocabulary: 'qwen' },
]
const known = { catalogue, own }
const { config: configured } = await loadConfig('config/llama-cpp.yaml')

describe('a choice of models', () => {
  test('of nothing is the configuration as it is', () => {
    expect(chosenConfig(configured, { large: null, small: null }, known)).toBe(configured)
  })

  test('of a small one alone keeps the server, and lets the strength follow the pair', () => {
    const chosen = chosenConfig(configured, { large: null, small: 'qwen3-0.6b' }, known)
    expect(chosen.upstreams).toEqual(configured.upstreams)
    expect(chosen.local).toMatchObject({ kind: 'embedded', model: 'qwen3-0.6b' })
    expect(chosen.steering.strength).toBe('auto')
  })

  test('of the small one that is configured changes nothing', () => {
    const { local } = configured
    const small = local.kind === 'embedded' ? local.model : ''
    expect(chosenConfig(configured, { large: null, small }, known)).toBe(configured)
  })

  test('of a pair answers without the server', () => {
    const choice = { large: 'qwen-1.5b', small: 'qwen-0.5b' }
    const chosen = chosenConfig(configured, choice, known)
    expect(chosen.upstreams).toEqual({
      embedded: expect.objectContaining({ kind: 'embedded', model: 'qwen2.5-coder-1.5b' }),
    })
    expect(chosen.local).toMatchObject({ model: 'qwen2.5-coder-0.5b' })
    expect(chosen.server).toEqual(configured.server)
  })

  test.each([
    ['mine', 'mine'],
    ['tuned', 'qwen2.5-coder-0.5b'],
    ['qwen2.5-coder-1.5b', 'tuned'],
  ])('takes models of this machine alone: %s beside %s', (large, small) => {
    const chosen = chosenConfig(configured, { large, small }, known)
    expect(chosen.upstreams).toEqual({ embedded: expect.objectContaining({ model: large }) })
    expect(chosen.local).toMatchObject({ kind: 'embedded', model: small })
    expect(chosenConfig(configured, { large: null, small }, known).local).toMatchObject({ model: small })
  })

  test.each([
    [{ large: 'qwen2.5-coder-1.5b', small: null }, /small model/],
    [{ large: 'qwen2.5-coder-1.5b', small: 'smollm2-135m' }, /not known to have the same tokens/],
    [{ large: 'qwen2.5-coder-1.5b', small: 'mine' }, /not known to have the same tokens/],
    [{ large: null, small: 'gpt-5' }, /no model "gpt-5"/],
  ])('of %o is refused', (choice, message) => {
    expect(() => chosenConfig(configured, choice, known)).toThrow(message)
  })
})
