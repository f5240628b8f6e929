import { expect, test } from 'vitest'
import { hostElsewhere } from '../../../src/upstream/ollama/cloud-model.ts'

// As Ollama's own tests have them (internal/modelref/modelref_test.go)
test.each([
  'qwen3.5:cloud',
  'gpt-oss:20b-cloud',
  'gpt-oss:20b:cloud',
  'host:5000/a/b:CLOUD',
  ' kimi:1t-cloud ',
])('by its name %s runs in the cloud', (name) =>
  expect(hostElsewhere(name, undefined)).toBe('https://ollama.com'),
)

test.each(['smollm2:135m', 'cloud', 'my-cloud', 'cloud:latest', 'a:b/x-cloud', 'gpt-oss:20b-cloud-q4'])(
  'by its name %s runs on this server',
  (name) => expect(hostElsewhere(name, null)).toBeNull(),
)

test('a host that Ollama tells counts, whatever the name', () => {
  expect(hostElsewhere('smollm2:135m', 'https://elsewhere.example')).toBe('https://elsewhere.example')
})
