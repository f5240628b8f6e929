import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readEnvironment } from '../src/environment.ts'
import { readModelText } from '../src/models/model-text.ts'
import { pullModel } from '../src/models/pull.ts'
import { answerChat } from './fast-upstream/fixed-chat.ts'
import { llamaCppRoutes } from './fast-upstream/llama-cpp-routes.ts'

/*
 * node fast-upstream.js MODEL [--in-full] [--window=TOKENS]
 * A server with MODEL's vocabulary that computes nothing and answers at once: llama.cpp's protocol for
 * steered answers, /v1/chat/completions for unsteered ones. In full: up to 1,000 candidates, each with all
 * that llama.cpp writes of it.
 */

const [model = 'smollm2-135m', ...options] = process.argv.slice(2)
const window = options.find((one) => one.startsWith('--window='))?.slice('--window='.length)
const text = await readModelText(await pullModel(model, { environment: readEnvironment() }))
const routes = llamaCppRoutes({
  model,
  inFull: options.includes('--in-full'),
  contextTokens: Number(window ?? 8192),
  ...text,
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*/, '')
  const body = await bodyOf(request)
  if (path === '/v1/chat/completions') return answerChat(body, response)
  const route = routes[path]
  response.setHeader('content-type', 'application/json')
  if (route === undefined) response.writeHead(404).end('{"error":{"message":"no such route"}}')
  else await route(body, response)
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    // A client that leaves in the middle of its request.
    if (!request.complete) return
    console.error(error)
    response.destroy()
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(`answering at http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
