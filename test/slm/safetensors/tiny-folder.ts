import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGgufDirectory } from '../../../src/slm/gguf/gguf-directory.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'
import { interleavedToHalves } from '../../../src/slm/weights/rotary-layout.ts'
import {
  type TinyFamily,
  tinyFamilies,
  tinyFamilyFile,
  tinyTensorsOf,
  VOCABULARY_SIZE,
} from '../families/tiny-families.ts'

export interface HubTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/** A safetensors file in memory; `around` changes its header before it is written. */
export function writeSafetensors(
  tensors: Readonly<Record<string, HubTensor>>,
  around: (header: Record<string, unknown>) => unknown = (header) => header,
): Buffer {
  let end = 0
  const written = Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
    const start = end
    end += data.length
    return [name, { dtype, shape, data_offsets: [start, end] }] as const
  })
  // An assignment would take `__proto__` for no name
  const header: Record<string, unknown> = Object.fromEntries([['__metadata__', { format: 'pt' }], ...written])
  const text = JSON.stringify(around(header))
  // As the format's library pads it, so that values lie at a multiple of 8
  const padded = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  return Buffer.concat([length, padded, ...Object.values(tensors).map(({ data }) => data)])
}

export function float32(shape: readonly number[], values: ArrayLike<number>): HubTensor {
  return { dtype: 'F32', shape, data: new Uint8Array(Float32Array.from(values).buffer) }
}

/** What the hub calls the parts of layers, but for the norm before the feed-forward part. */
const partNames: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_qkv: 'self_attn.qkv_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  post_attention_norm: 'post_attention_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}

const endNames: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
}

function hubName(name: string, norms: TinyFamily['norms']): string {
  const [, layer = '', part = '', kind = ''] = /^blk\.(\d+)\.([^.]+)\.(\w+)$/.exec(name) ?? []
  if (layer === '') return endNames[name] ?? name
  const ofNorm = norms === 'both' ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'
  return `model.layers.${layer}.${part === 'ffn_norm' ? ofNorm : partNames[part]}.${kind}`
}

const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 100 }
const THETA = 10_000

/** The tiny families as the hub's configurations describe them, in the old words and in the new ones. */
const hubConfigs: Readonly<Record<TinyFamilyName, Record<string, unknown>>> = {
  llama: { model_type: 'llama', tie_word_embeddings: false },
  'llama-3.2': {
    model_type: 'llama',
    rope_theta: 500_000,
    rope_scaling: {
      type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 100,
    },
  },
  'llama-linear': { model_type: 'llama', rope_theta: THETA, rope_scaling: { type: 'linear', factor: 4 } },
  qwen2: { model_type: 'qwen2', sliding_window: 24, use_sliding_window: false, tie_word_embeddings: true },
  qwen3: { model_type: 'qwen3', rope_parameters: { rope_type: 'default', rope_theta: THETA } },
  'qwen3-yarn': { model_type: 'qwen3', rope_parameters: { ...yarn, rope_theta: THETA } },
  gemma3: {
    model_type: 'gemma3_text',
    query_pre_attn_scalar: 32,
    sliding_window: 72,
    sliding_window_pattern: 6,
    rope_theta: 1_000_000,
    rope_local_base_freq: 10_000,
    rope_scaling: { rope_type: 'linear', factor: 8 },
  },
  'gemma3-wide': {
    model_type: 'gemma3_text',
    sliding_window: 24,
    layer_types: ['sliding_attention', 'full_attention'],
    final_logit_softcapping: 6,
    rope_parameters: {
      full_attention: { rope_type: 'default', rope_theta: THETA },
      sliding_attention: { rope_type: 'default', rope_theta: THETA },
    },
  },
  granite: {
    model_type: 'granite',
    embedding_multiplier: 12,
    residual_multiplier: 0.22,
    logits_scaling: 1.5,
    attention_multiplier: 0.15625,
  },
  'granite-without-positions': {
    model_type: 'granitemoehybrid',
    num_local_experts: 0,
    shared_intermediate_size: 96,
    intermediate_size: 24,
    layer_types: ['attention', 'attention'],
    position_embedding_type: 'nope',
    logits_scaling: 2,
    attention_multiplier: 0.25,
  },
  smollm3: { model_type: 'smollm3', rope_theta: THETA, no_rope_layers: [1, 1, 1, 0, 1, 1, 1, 0] },
  mistral3: {
    model_type: 'mistral3',
    text_config: {
      model_type: 'ministral3',
      rope_parameters: {
        type: 'yarn',
        rope_theta: 1_000_000,
        factor: 16,
        original_max_position_embeddings: 256,
        mscale: 1,
        mscale_all_dim: 1,
        llama_4_scaling_beta: 0.1,
      },
    },
  },
  phi3: {
    model_type: 'phi3',
    partial_rotary_factor: 0.75,
    original_max_position_embeddings: 100,
    rope_scaling: {
      type: 'su',
      attention_factor: 1.19,
      short_factor: [1, 1.1, 1.2, 1.3, 1.4, 1.5],
      long_factor: [1, 3, 5, 7, 9, 11],
    },
  },
  olmo2: { model_type: 'olmo2', rope_theta: THETA },
  olmo3: {
    model_type: 'olmo3',
    sliding_window: 72,
    rope_theta: THETA,
    rope_scaling: { ...yarn, attention_factor: 1.2 * (0.1 * Math.log(4) + 1) },
  },
}

const interleaved = new Set(['llama', 'granite', 'smollm3', 'mistral3'])

/** A family's weights as the hub has them: rotary pairs in two halves, and some norms about nothing. */
function hubTensors(family: TinyFamily): Record<string, HubTensor> {
  const { architecture, heads, kvHeads, headDim, norms } = family
  const tensors = tinyTensorsOf(family).filter(({ name }) => name.startsWith('rope') === false)
  const entries = tensors.map(({ name, shape, data }) => {
    const [, part] = /\.attn_([qk])\.(?:weight|bias)$/.exec(name) ?? []
    let values = new Float32Array(data.buffer)
    if (part !== undefined && interleaved.has(architecture)) {
      const rowLength = shape.length > 1 ? (shape[1] ?? 1) : 1
      values = interleavedToHalves(values, {
        heads: part === 'q' ? heads : kvHeads,
        rowLength,
        rotated: headDim,
      }) as Float32Array<ArrayBuffer>
    }
    const isAboutOne = architecture === 'gemma3' && /norm\.weight$/.test(name)
    const stored = isAboutOne ? values.map((value) => value - 1) : values
    return [hubName(name, norms), float32(shape, stored)] as const
  })
  return Object.fromEntries(entries)
}

/** What every configuration says, and what it says of this family. */
function hubConfig(name: TinyFamilyName): Record<string, unknown> {
  const { layers, heads, kvHeads, headDim }: TinyFamily = tinyFamilies[name]
  const sizes = {
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headDim,
    hidden_size: 64,
    intermediate_size: 96,
    max_position_embeddings: 400,
    rms_norm_eps: 1e-5,
    vocab_size: VOCABULARY_SIZE,
    eos_token_id: 256,
  }
  const { text_config: part, ...own } = hubConfigs[name]
  return part === undefined ? { ...sizes, ...own } : { ...own, text_config: { ...sizes, ...part } }
}

export type TinyFamilyName = keyof typeof tinyFamilies

export interface TinyFolder {
  /** The same model as a GGUF file. */
  readonly file: string
  readonly folder: string
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, HubTensor>>
  put(name: string, content: unknown): void
  remove(): void
}

/** A tiny family as a folder of the hub, with tokenizer, and as a GGUF file with the same weights. */
export async function tinyFolder(name: TinyFamilyName): Promise<TinyFolder> {
  const root = mkdtempSync(join(tmpdir(), 'tiny-folder-'))
  const file = join(root, 'model.gguf')
  writeFileSync(file, tinyFamilyFile(tinyFamilies[name]))
  const folder = join(root, 'Tiny Folder')
  mkdirSync(folder)
  const put = (named: string, content: unknown) =>
    writeFileSync(
      join(folder, named),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    )
  const { metadata } = await readGgufDirectory(file)
  const { tokenizerJson, chatTemplate } = ggufTokenizerSource(file, metadata)
  const config = hubConfig(name)
  const tensors = hubTensors(tinyFamilies[name])
  put('config.json', config)
  put('tokenizer.json', tokenizerJson)
  put('tokenizer_config.json', { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' })
  put('chat_template.jinja', chatTemplate)
  put('model.safetensors', writeSafetensors(tensors))
  const remove = () => rmSync(root, { recursive: true })
  return { file, folder, config, tensors, put, remove }
}

/** Puts a folder's weights into two parts with an index, instead of one file. */
export function splitInTwo({ folder, tensors, put }: TinyFolder) {
  const names = Object.keys(tensors)
  const half = Math.ceil(names.length / 2)
  const parts = [names.slice(0, half), names.slice(half)]
  const part = (number: number) => `model-0000${number + 1}-of-00002.safetensors`
  for (const [number, own] of parts.entries()) {
    const ofPart = Object.fromEntries(own.map((name) => [name, tensors[name] as HubTensor]))
    put(part(number), writeSafetensors(ofPart))
  }
  rmSync(join(folder, 'model.safetensors'))
  const weight_map = Object.fromEntries(
    parts.flatMap((own, number) => own.map((name) => [name, part(number)])),
  )
  put('model.safetensors.index.json', { metadata: { total_size: 1 }, weight_map })
  return { weight_map, part }
}
