import { expect, test } from 'vitest'
import { isRemote, upstreamKinds, upstreamSchema } from '../../src/upstream/kinds.ts'
import { reachRemote } from '../../src/upstream/open-remote.ts'
import { firstByteMsOf, startCommandOf } from '../../src/upstream/remote-kind.ts'

test.each([
  ['http://127.0.0.1:8080', undefined, 600_000],
  ['http://localhost:8080/v1', undefined, 600_000],
  ['http://[::1]:8080', undefined, 600_000],
  ['https://models.example', undefined, 300_000],
  ['http://192.168.1.7:8080', undefined, 300_000],
  ['http://127.0.0.1:8080', 90, 90],
])('a server at %s, told %s, has %i ms for the first content of a reply', (url, given, ms) => {
  const config = upstreamSchema.parse({ kind: 'llama-cpp', url, first_byte_ms: given })
  expect(isRemote(config) && firstByteMsOf(url, config)).toBe(ms)
})

test.each([
  ['llama-cpp', 8080, undefined, 'llama-server -m MODEL.gguf -np 4 -c 16384 --port 8080'],
  ['vllm', 8000, undefined, 'vllm serve MODEL --max-logprobs -1 --port 8000'],
  ['vllm', 8000, 'Qwen/Qwen3-32B', 'vllm serve Qwen/Qwen3-32B --max-logprobs -1 --port 8000'],
  ['sglang', 30000, 'm', 'python -m sglang.launch_server --model-path m --port 30000'],
  ['ollama', 11434, 'm', 'OLLAMA_NUM_PARALLEL=4 ollama serve'],
  ['ollama', 5000, 'm', 'OLLAMA_HOST=127.0.0.1:5000 OLLAMA_NUM_PARALLEL=4 ollama serve'],
] as const)('a server of the kind %s on port %i, with %s, starts with: %s', (kind, port, model, command) => {
  const { startCommand } = upstreamKinds[kind]
  expect(startCommandOf(`http://127.0.0.1:${port}`, { startCommand, model })).toBe(command)
})

test('nobody is told how to start a server of another machine, or a service', () => {
  const { startCommand } = upstreamKinds.vllm
  expect(startCommandOf('http://10.0.0.7:8000', { startCommand })).toBeNull()
  expect(startCommandOf('http://127.0.0.1:8000', upstreamKinds['openai-completions'])).toBeNull()
})

test('a server of this machine that is not there is named with what starts it', async () => {
  const config = upstreamSchema.parse({ kind: 'llama-cpp', url: 'http://127.0.0.1:9' })
  const signal = new AbortController().signal
  await expect(isRemote(config) && reachRemote(config, { apiKey: undefined, signal })).rejects.toThrow(
    'Start it (llama-server -m MODEL.gguf -np 4 -c 16384 --port 9), or correct its url.',
  )
})
