import { expect, test } from 'vitest'
import { shownName } from '../../src/upstream/shown-name.ts'

test.each([
  ['/data/models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf', 'qwen2.5-coder-1.5b-instruct-q4_k_m'],
  ['models/tiny.gguf', 'tiny'],
  ['tiny.GGUF', 'tiny'],
  ['C:\\models\\tiny.gguf', 'tiny'],
  ['/srv/models/Qwen3-32B/', 'Qwen3-32B'],
  ['./snapshots/Qwen3-32B', 'Qwen3-32B'],
  ['Qwen/Qwen3-32B', 'Qwen/Qwen3-32B'],
  ['qwen2.5-coder:1.5b', 'qwen2.5-coder:1.5b'],
  ['my-alias', 'my-alias'],
])('%s is shown as %s', (model, shown) => {
  expect(shownName(model)).toBe(shown)
})
