import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { describe, test } from 'vitest'
import { localSchema, type ServedLocal } from '../../../src/config/local-settings.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { openServedModel } from '../../../src/local-server/open-served-model.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'
import { openChatPrefix } from '../../../src/upstream/chat-prefix/open.ts'
import { openLlamaCpp } from '../../../src/upstream/llama-cpp/open.ts'
import { openOllama } from '../../../src/upstream/ollama/open.ts'
import type { TextUpstreamOptions } from '../../../src/upstream/served/upstream-options.ts'
import { openVllm } from '../../../src/upstream/vllm/open.ts'
import { playPair, RECORDED_CANDIDATES } from '../../local-server/pair-scenario.ts'
import {
  PLAIN_WORDS,
  playScenario,
  type Recording,
  recordingPath,
} from '../../upstream/recorded/recorded-scenario.ts'
import type { Exchange } from '../../upstream/recorded/recorded-server.ts'
import { type LocalText, localTextOf } from './model-vocabulary.ts'

/** Passes requests on to `target` and notes them with their replies. */
async function startRecorder(target: string) {
  const exchanges: Exchange[] = []
  const server = createServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk
    const method = incoming.method === 'GET' ? 'GET' : 'POST'
    const path = incoming.url ?? ''
    const headers = { 'content-type': 'application/json' }
    const got = await request(target + path, {
      method,
      headers,
      body: method === 'GET' ? null : body,
      reset: true,
    })
    const contentType = String(got.headers['content-type'] ?? '')
    // Names of local files are nobody's business.
    const reply = (await got.body.text()).replace(/"[^"]*\/\.cache\/[^"]*"/g, '"model"')
    exchanges.push({ method, path, body, status: got.statusCode, contentType, reply })
    response.writeHead(got.statusCode, { 'content-type': contentType }).end(reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { exchanges, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function record(
  name: string,
  {
    target,
    ggufFile,
    open,
    said,
  }: {
    target: string
    ggufFile: string
    open: (o: TextUpstreamOptions & LocalText) => Promise<Upstream>
    said?: string
  },
): Promise<void> {
  const { exchanges, server, url } = await startRecorder(target)
  const text = await localTextOf(ggufFile)
  const { vocabulary } = text
  const bytes: Record<string, string> = {}
  const noting: Vocabulary = {
    size: vocabulary.size,
    fingerprint: vocabulary.fingerprint,
    endTokens: vocabulary.endTokens,
    bytes(token: TokenId) {
      const own = vocabulary.bytes(token)
      if (own.length > 0) bytes[token] = Buffer.from(own).toString('base64')
      return own
    },
  }
  const upstream = await open({ url, ...text, vocabulary: noting })
  await playScenario(upstream, said)
  await upstream.close()
  server.close()
  const recording: Recording = {
    vocabularySize: vocabulary.size,
    endTokens: [...vocabulary.endTokens],
    // A server of texts has all of them looked up: its replies are replayed with the model's own files.
    bytes: Object.keys(bytes).length === vocabulary.size - text.controlTokens.size ? {} : bytes,
    exchanges,
  }
  writeFileSync(recordingPath(name), `${JSON.stringify(recording, null, 1)}\n`)
}

const {
  COSTEER_RECORD_LLAMA_CPP: llamaCpp,
  COSTEER_RECORD_VLLM: vllm,
  COSTEER_RECORD_CHAT: chat,
  COSTEER_RECORD_OLLAMA: ollama,
  COSTEER_RECORD_LOCAL_LLAMA_CPP: localLlamaCpp,
} = process.env

/** Each variable: the server's url, a space, the GGUF file of its tokenizer; for Ollama also a model. */
describe('recording fixtures', () => {
  test.skipIf(!llamaCpp)('llama.cpp (skipped unless COSTEER_RECORD_LLAMA_CPP is set)', async () => {
    const [target = '', ggufFile = ''] = (llamaCpp ?? '').split(' ')
    await record('llama-cpp', { target, ggufFile, open: openLlamaCpp })
  })
  test.skipIf(!vllm)('vLLM (skipped unless COSTEER_RECORD_VLLM is set)', async () => {
    const [target = '', ggufFile = ''] = (vllm ?? '').split(' ')
    await record('vllm', { target, ggufFile, open: openVllm })
  })
  test.skipIf(!chat)(
    'a chat route (skipped unless COSTEER_RECORD_CHAT is set)',
    async () => {
      const [target = '', ggufFile = ''] = (chat ?? '').split(' ')
      const open = (options: TextUpstreamOptions & LocalText) =>
        openChatPrefix({ ...options, candidates: 20 })
      await record('chat-prefix', { target, ggufFile, open, said: PLAIN_WORDS })
    },
    600_000,
  )
  test.skipIf(!ollama)('Ollama (skipped unless COSTEER_RECORD_OLLAMA is set)', async () => {
    const [target = '', ggufFile = '', model = ''] = (ollama ?? '').split(' ')
    const open = (options: TextUpstreamOptions & LocalText) => openOllama({ ...options, model })
    await record('ollama', { target, ggufFile, open, said: PLAIN_WORDS })
  })
  // The server's url; it runs SmolLM2.
  test.skipIf(!localLlamaCpp)(
    'a local model (skipped unless COSTEER_RECORD_LOCAL_LLAMA_CPP is set)',
    async () => {
      const { exchanges, server, url } = await startRecorder(localLlamaCpp ?? '')
      const settings = { kind: 'llama-cpp', url, tokenizer: 'smollm2-135m', candidates: RECORDED_CANDIDATES }
      const local = localSchema.parse(settings) as ServedLocal
      const served = await openServedModel(local, { apiKey: undefined, home: readEnvironment().costeerHome })
      const outcome = await playPair(served.pair, served.text.tokenizer.encode)
      await served.close()
      server.close()
      const path = fileURLToPath(new URL('../../fixtures/local-server/llama-cpp.json', import.meta.url))
      writeFileSync(path, `${JSON.stringify({ exchanges, outcome }, null, 1)}\n`)
    },
  )
})
