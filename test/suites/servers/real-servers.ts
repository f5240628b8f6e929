import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { openChatPrefix } from '../../../src/upstream/chat-prefix/open.ts'
import { openCompletions } from '../../../src/upstream/completions/open.ts'
import { openLlamaCpp } from '../../../src/upstream/llama-cpp/open.ts'
import { openOllama } from '../../../src/upstream/ollama/open.ts'
import { openSglang } from '../../../src/upstream/sglang/open.ts'
import { openVllm } from '../../../src/upstream/vllm/open.ts'
import { type LocalText, localTextOf } from './model-vocabulary.ts'

interface OpenedServer extends LocalText {
  readonly upstream: Upstream
  /** How far two evaluations of one prefix lie apart at most, as total variation. */
  readonly tolerance: number
  readonly isIdle?: () => Promise<boolean>
  readonly textOnly?: true
  readonly chatOnly?: true
}

export interface RealServer {
  readonly name: string
  /** Why it cannot be tested; null when it can. */
  readonly skipped: string | null
  open(): Promise<OpenedServer>
}

/** GGUF files with the tokenizer of a model, by the name under which a server serves it. */
const files = [
  { name: /smol/i, file: 'SmolLM2-135M-Instruct.Q4_1.gguf' },
  { name: /qwen/i, file: 'Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf' },
]
const {
  COSTEER_TEST_MODELS: folder = join(homedir(), '.cache/costeer-lab/models'),
  COSTEER_TEST_LLAMA_CPP_URL: llamaCppUrl,
  COSTEER_TEST_VLLM_URL: vllmUrl,
  COSTEER_TEST_VLLM_MODEL: vllmModel,
  COSTEER_TEST_SGLANG_URL: sglangUrl,
  COSTEER_TEST_COMPLETIONS_URL: completionsUrl,
  COSTEER_TEST_CHAT_URL: chatUrl,
  COSTEER_TEST_OLLAMA_URL: ollamaUrl,
  COSTEER_TEST_OLLAMA_MODEL: ollamaModel,
} = process.env

function localText(model: string): Promise<LocalText> {
  const path = join(folder, files.find(({ name }) => name.test(model))?.file ?? 'unknown')
  if (!existsSync(path)) {
    throw new Error(`No GGUF file for the tokenizer of "${model}": set COSTEER_TEST_MODELS to their folder.`)
  }
  return localTextOf(path)
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}

function llamaCpp(url: string): RealServer {
  return {
    name: 'llama.cpp',
    skipped: url === '' ? 'COSTEER_TEST_LLAMA_CPP_URL is not set' : null,
    async open() {
      const { data } = (await json(`${url}/v1/models`)) as { data: { id: string }[] }
      const text = await localText(data[0]?.id ?? '')
      return {
        ...text,
        upstream: await openLlamaCpp({ url, vocabulary: text.vocabulary }),
        // Rounding of quantised activations depends on how many rows are evaluated together.
        tolerance: 0.12,
        async isIdle() {
          const slots = (await json(`${url}/slots`)) as { is_processing: boolean }[]
          return slots.every((slot) => !slot.is_processing)
        },
      }
    },
  }
}

function vllm(url: string, model: string): RealServer {
  return {
    name: 'vLLM',
    skipped:
      url === '' || model === '' ? 'COSTEER_TEST_VLLM_URL and COSTEER_TEST_VLLM_MODEL are not set' : null,
    async open() {
      const text = await localText(model)
      return {
        ...text,
        upstream: await openVllm({ url, model, vocabulary: text.vocabulary }),
        tolerance: 0.05,
        async isIdle() {
          const metrics = await (await fetch(`${url}/metrics`)).text()
          return Number(/^vllm:num_requests_running\{[^}]*\} (\S+)$/m.exec(metrics)?.[1]) === 0
        },
      }
    },
  }
}

async function firstModel(url: string): Promise<string> {
  const { data } = (await json(`${url}/v1/models`)) as { data: { id: string }[] }
  return data[0]?.id ?? ''
}

function sglang(url: string): RealServer {
  return {
    name: 'SGLang',
    skipped: url === '' ? 'COSTEER_TEST_SGLANG_URL is not set' : null,
    async open() {
      const text = await localText(await firstModel(url))
      return { ...text, upstream: await openSglang({ url, ...text }), tolerance: 0.12 }
    },
  }
}

function ollama(url: string, model: string): RealServer {
  return {
    name: 'Ollama',
    skipped:
      url === '' || model === '' ? 'COSTEER_TEST_OLLAMA_URL and COSTEER_TEST_OLLAMA_MODEL are not set' : null,
    async open() {
      const text = await localText(model)
      const upstream = await openOllama({ url, model, candidates: 20, ...text })
      return { ...text, upstream, tolerance: 0.12, textOnly: true }
    },
  }
}

function completions(url: string): RealServer {
  return {
    name: 'the completions API',
    skipped: url === '' ? 'COSTEER_TEST_COMPLETIONS_URL is not set' : null,
    async open() {
      const model = await firstModel(url)
      const text = await localText(model)
      let takesIds = false
      const upstream = await openCompletions({
        url,
        model,
        candidates: 100,
        ...text,
        onSend: ({ body }) => {
          // The last requests of the start are asked as all that follow are.
          if (body !== '') takesIds = typeof JSON.parse(body).prompt !== 'string'
        },
      })
      // llama-server takes token ids; one that does not is asked less
      return { ...text, upstream, tolerance: 0.12, ...(takesIds ? {} : { textOnly: true }) }
    },
  }
}

function chatPrefix(url: string): RealServer {
  return {
    name: 'a chat route',
    skipped: url === '' ? 'COSTEER_TEST_CHAT_URL is not set' : null,
    async open() {
      const text = await localText(await firstModel(url))
      const upstream = await openChatPrefix({ url, candidates: 20, maxInFlight: 4, ...text })
      return { ...text, upstream, tolerance: 0.12, textOnly: true, chatOnly: true }
    },
  }
}

export const realServers: readonly RealServer[] = [
  llamaCpp(llamaCppUrl ?? ''),
  vllm(vllmUrl ?? '', vllmModel ?? ''),
  sglang(sglangUrl ?? ''),
  completions(completionsUrl ?? ''),
  chatPrefix(chatUrl ?? ''),
  ollama(ollamaUrl ?? '', ollamaModel ?? ''),
]
