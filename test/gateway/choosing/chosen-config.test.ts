import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { chosenConfig } from '../../../src/gateway/choosing/chosen-config.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'

const catalogue = await loadCatalogue()
const { config: configured } = await loadConfig('config/llama-cpp.yaml')

describe('a choice of models', () => {
  test('of nothing is the configuration as it is', () => {
    expect(chosenConfig(configured, { large: null, small: null }, catalogue)).toBe(configured)
  })

  test('of a small one alone keeps the server, and lets the strength follow the pair', () => {
    const chosen = chosenConfig(configured, { large: null, small: 'qwen3-0.6b' }, catalogue)
    expect(chosen.upstreams).toEqual(configured.upstreams)
    expect(chosen.local).toMatchObject({ kind: 'embedded', model: 'qwen3-0.6b' })
    expect(chosen.steering.strength).toBe('auto')
  })

  test('of the small one that is configured changes nothing', () => {
    const { local } = configured
    const small = local.kind === 'embedded' ? local.model : ''
    expect(chosenConfig(configured, { large: null, small }, catalogue)).toBe(configured)
  })

  test('of a pair answers without the server', () => {
    const choice = { large: 'qwen-1.5b', small: 'qwen-0.5b' }
    const chosen = chosenConfig(configured, choice, catalogue)
    expect(chosen.upstreams).toEqual({
      embedded: expect.objectContaining({ kind: 'embedded', model: 'qwen2.5-coder-1.5b' }),
    })
    expect(chosen.local).toMatchObject({ model: 'qwen2.5-coder-0.5b' })
    expect(chosen.server).toEqual(configured.server)
  })

  test.each([
    [{ large: 'qwen2.5-coder-1.5b', small: null }, /small model/],
    [{ large: 'qwen2.5-coder-1.5b', small: 'smollm2-135m' }, /different tokens/],
    [{ large: null, small: 'gpt-5' }, /no model "gpt-5"/],
  ])('of %o is refused', (choice, message) => {
    expect(() => chosenConfig(configured, choice, catalogue)).toThrow(message)
  })
})
