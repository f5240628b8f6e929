import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { foundConfig } from '../../../src/cli/init/found-config.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { loadCatalogue } from '../../../src/models/catalogue.ts'

const catalogue = await loadCatalogue()
const URL_THERE = 'http://127.0.0.1:11434'

test.each([
  ['ollama', ['bge-m3:latest', 'llama3.2:3b', 'qwen3:8b'], 'llama3.2:3b', 'llama-3.2-1b'],
  ['ollama', ['smollm2:135m'], 'smollm2:135m', 'smollm2-135m'],
  ['llama-cpp', ['/models/Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf'], null, 'qwen2.5-coder-0.5b'],
  ['ollama', ['qwen2.5:7b'], 'qwen2.5:7b', 'qwen2.5-0.5b'],
  ['vllm', ['Qwen/Qwen3-32B'], 'Qwen/Qwen3-32B', 'qwen3-0.6b'],
] as const)(
  'for %s with %j it takes a model with a local one of the same tokens',
  (kind, models, model, local) => {
    const found = foundConfig({ kind, url: URL_THERE, models }, catalogue)
    const config = configSchema.parse(parse(found.yaml))
    expect(config.upstreams.large).toMatchObject({ kind, url: URL_THERE, model: model ?? models[0] })
    expect([config.local.model, found.local]).toEqual([local, local])
  },
)

test('where no local model has the tokens, it says how to choose one', () => {
  const { yaml, local, model } = foundConfig(
    { kind: 'ollama', url: URL_THERE, models: ['gpt-oss:20b'] },
    catalogue,
  )
  expect([model, local]).toEqual(['gpt-oss:20b', null])
  expect(yaml).toContain('costeer models suggest --upstream gpt-oss:20b')
  expect(yaml).toContain('local: { kind: llama-cpp, url: http://127.0.0.1:8081 }')
  expect(() => configSchema.parse(parse(yaml))).not.toThrow()
})

test('names that a server makes up stay in their place of the file', () => {
  const models = ['a: b\n# c', '"x"']
  const config = configSchema.parse(
    parse(foundConfig({ kind: 'vllm', url: URL_THERE, models }, catalogue).yaml),
  )
  expect(config.upstreams.large).toMatchObject({ model: models[0] })
})
