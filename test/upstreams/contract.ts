import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { openLlamaCpp } from '../../src/upstream/llama-cpp.ts'
import { openVllm } from '../../src/upstream/vllm.ts'
import { localTextOf } from '../upstream/model-vocabulary.ts'
import { describeUpstream } from '../upstream/upstream-contract.ts'

/** GGUF files whose tokenizer a server under test may use, by the start of the name under which it serves its model. */
const files = [
  { name: /smollm2/i, file: 'SmolLM2-135M-Instruct.Q4_1.gguf' },
  { name: /qwen/i, file: 'Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf' },
]
const folder = process.env.COSTEER_TEST_MODELS ?? join(homedir(), '.cache/costeer-lab/models')

const localText = (model: string) => {
  const file = files.find(({ name }) => name.test(model))?.file
  const path = join(folder, file ?? '')
  if (file === undefined || !existsSync(path)) {
    throw new Error(`No GGUF file for the tokenizer of "${model}": set COSTEER_TEST_MODELS to their folder.`)
  }
  return localTextOf(path)
}

const json = async (url: string): Promise<unknown> => (await fetch(url)).json()

/** Rounding of quantised activations depends on how many rows are evaluated together. */
const QUANTISED = 0.12

const llamaCppUrl = process.env.COSTEER_TEST_LLAMA_CPP_URL
if (llamaCppUrl === undefined) {
  describe('llama.cpp', () => {
    test.skip('skipped: COSTEER_TEST_LLAMA_CPP_URL is not set', () => {})
  })
} else {
  describeUpstream('llama.cpp', async () => {
    const { data } = (await json(`${llamaCppUrl}/v1/models`)) as { data: { id: string }[] }
    const { vocabulary, tokenizer } = await localText(data[0]?.id ?? '')
    const isIdle = async (): Promise<boolean> => {
      const slots = (await json(`${llamaCppUrl}/slots`)) as { is_processing: boolean }[]
      return slots.every((slot) => !slot.is_processing)
    }
    const upstream = await openLlamaCpp({ url: llamaCppUrl, vocabulary })
    return { upstream, tokenizer, tolerance: QUANTISED, isIdle }
  })
}

const vllmUrl = process.env.COSTEER_TEST_VLLM_URL
const vllmModel = process.env.COSTEER_TEST_VLLM_MODEL
if (vllmUrl === undefined || vllmModel === undefined) {
  describe('vLLM', () => {
    test.skip('skipped: COSTEER_TEST_VLLM_URL and COSTEER_TEST_VLLM_MODEL are not set', () => {})
  })
} else {
  describeUpstream('vLLM', async () => {
    const { vocabulary, tokenizer } = await localText(vllmModel)
    const isIdle = async (): Promise<boolean> => {
      const metrics = await (await fetch(`${vllmUrl}/metrics`)).text()
      const running = /^vllm:num_requests_running\{[^}]*\} (\S+)$/m.exec(metrics)?.[1]
      return Number(running) === 0
    }
    const upstream = await openVllm({ url: vllmUrl, model: vllmModel, vocabulary })
    return { upstream, tokenizer, tolerance: 0.05, isIdle }
  })
}
