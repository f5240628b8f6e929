import { expect, test } from 'vitest'
import { findServers } from '../../src/upstream/found-servers.ts'
import { listeningServer } from './http/listening-server.ts'

async function portOf(routes: Readonly<Record<string, unknown>>): Promise<number> {
  const server = await listeningServer((response, { url }) => {
    const reply = routes[url]
    if (reply === undefined) response.writeHead(404)
    response.end(JSON.stringify(reply ?? { error: 'none' }))
  })
  return Number(new URL(server.url).port)
}

function listed(owned_by: string, ...ids: string[]) {
  return { '/v1/models': { object: 'list', data: ids.map((id) => ({ id, owned_by })) } }
}

test('servers are told by what they answer, in the order of the ports', async () => {
  const ollama = {
    '/api/tags': {
      models: [
        { name: 'idle:latest', capabilities: ['completion'] },
        { name: 'far:latest', remote_host: 'https://ollama.com' },
        { name: 'farther:120b-cloud' },
        { name: 'vectors:latest', capabilities: ['embedding'] },
        { name: 'busy:latest', capabilities: ['completion', 'tools'] },
      ],
    },
    '/api/ps': { models: [{ name: 'busy:latest' }] },
    ...listed('library', 'idle:latest'),
  }
  const ports = await Promise.all([
    portOf(listed('vllm', 'qwen-1.5b')),
    portOf(ollama),
    portOf(listed('llamacpp', 'model.gguf')),
    portOf(listed('sglang', 'a', 'b')),
  ])
  const url = (at: number) => `http://127.0.0.1:${ports[at]}`
  expect(await findServers(ports)).toEqual([
    { kind: 'vllm', url: url(0), models: ['qwen-1.5b'] },
    { kind: 'ollama', url: url(1), models: ['busy:latest', 'idle:latest'] },
    { kind: 'llama-cpp', url: url(2), models: ['model.gguf'] },
    { kind: 'sglang', url: url(3), models: ['a', 'b'] },
  ])
})

test('what is no such server is passed over', async () => {
  const ports = await Promise.all([
    portOf({}),
    portOf(listed('somebody', 'x')),
    portOf({ '/v1/models': { data: [] } }),
  ])
  expect(await findServers([1, ...ports])).toEqual([])
})

test('an Ollama that has no model yet is told all the same', async () => {
  const port = await portOf({ '/api/tags': { models: [] }, '/api/ps': { models: [] } })
  expect(await findServers([port])).toEqual([{ kind: 'ollama', url: `http://127.0.0.1:${port}`, models: [] }])
})
