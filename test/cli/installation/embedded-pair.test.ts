import { expect, test } from 'vitest'
import { withEmbeddedPair } from '../../../src/cli/installation/embedded-pair.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'

test('a pair answers alone, whatever server the configuration names, at its tuned strength', async () => {
  const configured = await loadConfig('config/llama-cpp.yaml')
  const { config, ...paths } = await withEmbeddedPair(configured, 'qwen2.5-coder')
  expect(config.upstreams).toEqual({
    embedded: expect.objectContaining({ kind: 'embedded', model: 'qwen2.5-coder-1.5b' }),
  })
  expect(config.models).toEqual({
    names: { costeer: 'embedded', 'qwen2.5-coder-1.5b': 'embedded' },
    catch_all: 'embedded',
  })
  expect(config.local).toEqual({ ...configured.config.local, model: 'qwen2.5-coder-0.5b' })
  expect(config.server).toEqual(configured.config.server)
  expect(paths.profileFolder).toBe(configured.profileFolder)
})

test("the strength of the configuration's own models does not count", async () => {
  const configured = await loadConfig('config/default.yaml')
  expect(configured.config.steering.strength).toBe(1.3)
  expect((await withEmbeddedPair(configured, 'QWEN2.5-Coder')).config.steering.strength).toBe('auto')
})

test('an unknown pair is refused with the names of those there are', async () => {
  const configured = await loadConfig('config/default.yaml')
  await expect(withEmbeddedPair(configured, 'gpt-4')).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/smollm2, qwen2\.5-coder/),
  })
})

test('each pair consists of models of the catalogue with one vocabulary and a tuned strength', async () => {
  const { pairs, find, tunedStrength } = await loadCatalogue()
  for (const pair of pairs) {
    expect(find(pair.upstream)?.vocabulary).toBe(find(pair.local)?.vocabulary ?? 'none')
    expect(tunedStrength(pair)).not.toBeNull()
  }
})
