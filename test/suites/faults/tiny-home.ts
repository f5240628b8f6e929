import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Environment, readEnvironment } from '../../../src/environment.ts'
import { importModel } from '../../../src/models/import.ts'
import type { ModelShape } from '../../../src/slm/weights/model-shape.ts'
import { float32Tensor, writeGguf } from '../../slm/gguf/tiny-gguf.ts'
import { recordedTokenizers } from '../../slm/text/recorded-tokenizers.ts'
import { tinyShapes, tinyWeights } from '../../slm/tiny-model.ts'

const { tokenizerJson, chatTemplate } = recordedTokenizers.smollm
const merges = z.array(z.tuple([z.string(), z.string()])).parse(tokenizerJson.model.merges)
const added = tokenizerJson.added_tokens ?? []
const tokens = [
  ...Object.entries(z.record(z.string(), z.number()).parse(tokenizerJson.model.vocab))
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token),
  ...added.map(({ content }) => content),
]
const CONTROL = 3

/** A local model of random weights that costs next to nothing, where the faults are elsewhere. */
const shape: ModelShape = {
  ...tinyShapes['llama, 3 queries a key, tied head'],
  vocabularySize: tokens.length,
  contextTokens: 8_192,
}

/** The model as a whole GGUF file, with a tokenizer of its own. */
export function tinyGguf(): Buffer {
  const { family: architecture } = shape
  const metadata = {
    'general.architecture': architecture,
    [`${architecture}.block_count`]: shape.layers,
    [`${architecture}.context_length`]: shape.contextTokens,
    [`${architecture}.embedding_length`]: shape.hidden,
    [`${architecture}.feed_forward_length`]: shape.feedForward,
    [`${architecture}.attention.head_count`]: shape.heads,
    [`${architecture}.attention.head_count_kv`]: shape.kvHeads,
    [`${architecture}.attention.key_length`]: shape.headDim,
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { float: shape.rmsNormEpsilon },
    [`${architecture}.rope.freq_base`]: { float: 10_000 },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((token) => (token.startsWith('<|') ? CONTROL : 1)),
    'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.bos_token_id': tokens.indexOf('<|im_start|>'),
    'tokenizer.ggml.eos_token_id': tokens.indexOf('<|im_end|>'),
    'tokenizer.chat_template': chatTemplate,
  }
  const rowLength = (name: string) => {
    if (name.includes('attn_output')) return shape.heads * shape.headDim
    return name.includes('ffn_down') ? shape.feedForward : shape.hidden
  }
  const tensors = [...tinyWeights(shape).tensors].map(([name, values]) => {
    const sizes = name.includes('norm') ? [values.length] : [values.length / rowLength(name), rowLength(name)]
    return float32Tensor(name, sizes, [...values])
  })
  return writeGguf(metadata, tensors)
}

export interface TinyHome {
  readonly environment: Environment
  /** COSTEER_HOME */
  readonly folder: string
  remove(): Promise<void>
}

/** A home of the program's own whose only model is `tiny`. */
export async function tinyHome(): Promise<TinyHome> {
  const folder = await mkdtemp(join(tmpdir(), 'costeer-home-'))
  const file = join(folder, 'tiny.gguf')
  await writeFile(file, tinyGguf())
  await importModel(file, { home: folder, name: 'tiny' })
  return {
    environment: readEnvironment({ COSTEER_HOME: folder }),
    folder,
    remove: () => rm(folder, { recursive: true }),
  }
}
