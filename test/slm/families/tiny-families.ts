import { byteOfCharacter } from '../../../src/slm/tokenizer-files/token-bytes.ts'
import { float32Tensor, type WrittenTensor, type WrittenValue, writeGguf } from '../gguf/tiny-gguf.ts'

/** A small model with random weights, as one file of a family. */
export interface TinyFamily {
  readonly architecture: string
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** Keys of the architecture beside those that all have. */
  readonly keys?: Readonly<Record<string, WrittenValue>>
  readonly norms?: 'before' | 'after' | 'both'
  readonly queryKeyNorm?: 'head' | 'whole'
  readonly biases?: readonly string[]
  /** Queries, keys and values are one matrix, the gate and what it gates another. */
  readonly fused?: boolean
  readonly ownHead?: boolean
  /** Divisors of frequencies, by tensor, for each pair. */
  readonly divisors?: Readonly<Record<string, (pair: number) => number>>
}

export const VOCABULARY_SIZE = 301
const HIDDEN = 64
const FEED_FORWARD = 96
const CONTEXT_TOKENS = 400

/** Between them they have every feature of the families, with windows that are shorter than any prompt. */
export const tinyFamilies = {
  llama: { architecture: 'llama', layers: 2, heads: 4, kvHeads: 2, headDim: 32, ownHead: true },
  'llama-3.2': {
    architecture: 'llama',
    layers: 2,
    heads: 6,
    kvHeads: 2,
    headDim: 32,
    keys: { 'rope.freq_base': { float: 500_000 } },
    divisors: { 'rope_freqs.weight': (pair) => (pair < 5 ? 1 : pair < 9 ? pair - 3 : 32) },
  },
  'llama-linear': {
    architecture: 'llama',
    layers: 2,
    heads: 4,
    kvHeads: 4,
    headDim: 16,
    keys: { 'rope.scaling.type': 'linear', 'rope.scaling.factor': { float: 4 } },
    biases: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'],
  },
  qwen2: {
    architecture: 'qwen2',
    layers: 2,
    heads: 4,
    kvHeads: 1,
    headDim: 16,
    biases: ['attn_q', 'attn_k', 'attn_v'],
  },
  qwen3: { architecture: 'qwen3', layers: 2, heads: 4, kvHeads: 2, headDim: 32, queryKeyNorm: 'head' },
  'qwen3-yarn': {
    architecture: 'qwen3',
    layers: 2,
    heads: 4,
    kvHeads: 1,
    headDim: 128,
    queryKeyNorm: 'head',
    keys: {
      'rope.scaling.type': 'yarn',
      'rope.scaling.factor': { float: 4 },
      'rope.scaling.original_context_length': 100,
    },
  },
  gemma3: {
    architecture: 'gemma3',
    layers: 7,
    heads: 4,
    kvHeads: 1,
    headDim: 32,
    norms: 'both',
    queryKeyNorm: 'head',
    keys: {
      'rope.freq_base': { float: 1_000_000 },
      'rope.scaling.type': 'linear',
      'rope.scaling.factor': { float: 8 },
      'attention.sliding_window': 72,
    },
  },
  'gemma3-wide': {
    architecture: 'gemma3',
    layers: 2,
    heads: 2,
    kvHeads: 1,
    headDim: 256,
    norms: 'both',
    queryKeyNorm: 'head',
    keys: {
      'attention.sliding_window': 24,
      'attention.sliding_window_pattern': { booleans: [true, false] },
      final_logit_softcapping: { float: 6 },
    },
  },
  granite: {
    architecture: 'granite',
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    keys: {
      embedding_scale: { float: 12 },
      residual_scale: { float: 0.22 },
      logit_scale: { float: 1.5 },
      'attention.scale': { float: 0.15625 },
    },
  },
  'granite-without-positions': {
    architecture: 'granite',
    layers: 2,
    heads: 4,
    kvHeads: 4,
    headDim: 16,
    keys: { logit_scale: { float: 2 }, 'rope.scaling.finetuned': false },
  },
  smollm3: { architecture: 'smollm3', layers: 5, heads: 4, kvHeads: 1, headDim: 16 },
  mistral3: {
    architecture: 'mistral3',
    layers: 2,
    heads: 4,
    kvHeads: 1,
    headDim: 32,
    keys: {
      'rope.freq_base': { float: 1_000_000 },
      'rope.scaling.type': 'yarn',
      'rope.scaling.factor': { float: 16 },
      'rope.scaling.original_context_length': 256,
      'rope.scaling.yarn_beta_fast': { float: 32 },
      'rope.scaling.yarn_beta_slow': { float: 1 },
      'rope.scaling.yarn_log_multiplier': { float: 1 },
      'attention.temperature_scale': { float: 0.1 },
    },
  },
  phi3: {
    architecture: 'phi3',
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    fused: true,
    keys: {
      'rope.dimension_count': 12,
      'rope.scaling.original_context_length': 100,
      'rope.scaling.attn_factor': { float: 1.19 },
      'attention.sliding_window': 64,
    },
    divisors: {
      'rope_factors_short.weight': (pair) => 1 + pair / 10,
      'rope_factors_long.weight': (pair) => 1 + 2 * pair,
    },
  },
  olmo2: {
    architecture: 'olmo2',
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    norms: 'after',
    queryKeyNorm: 'whole',
    ownHead: true,
  },
  olmo3: {
    architecture: 'olmo2',
    layers: 5,
    heads: 4,
    kvHeads: 4,
    headDim: 16,
    norms: 'after',
    queryKeyNorm: 'whole',
    ownHead: true,
    keys: {
      'attention.sliding_window': 72,
      'rope.scaling.type': 'yarn',
      'rope.scaling.factor': { float: 4 },
      'rope.scaling.original_context_length': 100,
      'rope.scaling.attn_factor': { float: 1.2 },
    },
  },
} as const satisfies Readonly<Record<string, TinyFamily>>

/** A whole GGUF file with float32 weights, the same for the same family. */
export function tinyFamilyFile(family: TinyFamily): Buffer {
  return writeGguf({ ...metadata(family), ...vocabulary() }, tinyTensorsOf(family))
}

/** A GGUF file for its vocabulary: `tokenizer.ggml.tokens` and what goes with them. */
export function fileWithVocabulary(vocabulary: Readonly<Record<string, WrittenValue>>): Buffer {
  const tokens = vocabulary['tokenizer.ggml.tokens'] as readonly string[]
  const family = tinyFamilies['llama-3.2']
  const own = tinyTensorsOf(family).filter(({ name }) => name !== 'token_embd.weight')
  const shape = [tokens.length, HIDDEN]
  const embedding = {
    name: 'token_embd.weight',
    shape,
    type: 1,
    data: new Uint8Array(tokens.length * HIDDEN * 2),
  }
  return writeGguf({ ...metadata(family), ...vocabulary }, [embedding, ...own])
}

function metadata({ architecture, keys, ...sizes }: TinyFamily): Record<string, WrittenValue> {
  const own: Record<string, WrittenValue> = {
    block_count: sizes.layers,
    context_length: CONTEXT_TOKENS,
    embedding_length: HIDDEN,
    feed_forward_length: FEED_FORWARD,
    'attention.head_count': sizes.heads,
    'attention.head_count_kv': sizes.kvHeads,
    'attention.key_length': sizes.headDim,
    'attention.value_length': sizes.headDim,
    'attention.layer_norm_rms_epsilon': { float: 1e-5 },
    'rope.dimension_count': sizes.headDim,
    ...keys,
  }
  const named = Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value] as const)
  return { 'general.architecture': architecture, ...Object.fromEntries(named) }
}

/**
 * A model without attention (Mamba), which the engine does not know: its state goes back to no earlier token
 * by itself.
 */
export function tinyRecurrentFile(): Buffer {
  const [inner, state, steps, kernel] = [2 * HIDDEN, 16, 4, 4]
  const keys: Record<string, WrittenValue> = {
    context_length: CONTEXT_TOKENS,
    embedding_length: HIDDEN,
    feed_forward_length: 0,
    'attention.head_count': 0,
    'attention.layer_norm_rms_epsilon': { float: 1e-5 },
    block_count: 2,
    'ssm.conv_kernel': kernel,
    'ssm.inner_size': inner,
    'ssm.state_size': state,
    'ssm.time_step_rank': steps,
  }
  const random = randomNumbers()
  const tensor = (name: string, shape: readonly number[], scale: number, centre = 0) => {
    const size = shape.reduce((product, one) => product * one, 1)
    return float32Tensor(
      name,
      shape,
      Array.from({ length: size }, () => centre + scale * random()),
    )
  }
  const layers = ['blk.0', 'blk.1'].flatMap((layer) => [
    tensor(`${layer}.attn_norm.weight`, [HIDDEN], 0.3, 1),
    tensor(`${layer}.ssm_in.weight`, [2 * inner, HIDDEN], 0.3),
    tensor(`${layer}.ssm_conv1d.weight`, [inner, kernel], 0.5),
    tensor(`${layer}.ssm_conv1d.bias`, [inner], 0.1),
    tensor(`${layer}.ssm_x.weight`, [steps + 2 * state, inner], 0.3),
    tensor(`${layer}.ssm_dt.weight`, [inner, steps], 0.3),
    tensor(`${layer}.ssm_dt.bias`, [inner], 0.5),
    tensor(`${layer}.ssm_a`, [inner, state], 0.4, -1),
    tensor(`${layer}.ssm_d`, [inner], 0.5),
    tensor(`${layer}.ssm_out.weight`, [HIDDEN, inner], 0.3),
  ])
  const ends = [
    tensor('token_embd.weight', [VOCABULARY_SIZE, HIDDEN], 0.4),
    tensor('output_norm.weight', [HIDDEN], 0, 1),
  ]
  const named = Object.entries(keys).map(([key, value]) => [`mamba.${key}`, value] as const)
  const metadata = { 'general.architecture': 'mamba', ...Object.fromEntries(named) }
  return writeGguf({ ...metadata, ...vocabulary() }, [...ends, ...layers])
}

/** The bytes, an end token, and words that no text has. */
function vocabulary(): Record<string, WrittenValue> {
  const bytes = [...byteOfCharacter.keys()]
  const words = Array.from({ length: VOCABULARY_SIZE - bytes.length - 1 }, (_, index) => `word${index}`)
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': [...bytes, '<|endoftext|>', ...words],
    'tokenizer.ggml.token_type': {
      integers: Array.from({ length: VOCABULARY_SIZE }, (_, id) => (id === 256 ? 3 : 1)),
    },
    'tokenizer.ggml.merges': ['a b'],
    'tokenizer.ggml.bos_token_id': 256,
    'tokenizer.ggml.eos_token_id': 256,
    'tokenizer.chat_template': '{% for message in messages %}{{ message.content }}\n{% endfor %}',
  }
}

/** Its weights in float32, under GGUF's names. */
export function tinyTensorsOf(family: TinyFamily): WrittenTensor[] {
  const { heads, kvHeads, headDim, norms = 'before', queryKeyNorm, biases = [], divisors = {} } = family
  const written: WrittenTensor[] = []
  const random = randomNumbers()
  const add = (name: string, shape: readonly number[], scale: number, centre = 0) => {
    const size = shape.reduce((product, one) => product * one, 1)
    const values = Array.from({ length: size }, () => centre + scale * random())
    written.push(float32Tensor(name, shape, values))
  }
  const query = heads * headDim
  const key = kvHeads * headDim
  const matrices: [string, number, number, number][] = family.fused
    ? [['attn_qkv', query + 2 * key, HIDDEN, 0.3]]
    : [
        ['attn_q', query, HIDDEN, 0.3],
        ['attn_k', key, HIDDEN, 0.3],
        ['attn_v', key, HIDDEN, 0.3],
      ]
  matrices.push(['attn_output', HIDDEN, query, 0.2])
  if (!family.fused) matrices.push(['ffn_gate', FEED_FORWARD, HIDDEN, 0.3])
  matrices.push(['ffn_up', FEED_FORWARD * (family.fused ? 2 : 1), HIDDEN, 0.3])
  matrices.push(['ffn_down', HIDDEN, FEED_FORWARD, 0.2])
  add('token_embd.weight', [VOCABULARY_SIZE, HIDDEN], 0.4)
  for (let layer = 0; layer < family.layers; layer++) {
    const name = (own: string) => `blk.${layer}.${own}.weight`
    if (norms !== 'after') for (const norm of ['attn_norm', 'ffn_norm']) add(name(norm), [HIDDEN], 0.3, 1)
    for (const [matrix, outputs, inputs, scale] of matrices) {
      add(name(matrix), [outputs, inputs], scale)
      if (biases.includes(matrix)) add(`blk.${layer}.${matrix}.bias`, [outputs], 0.5)
    }
    if (queryKeyNorm !== undefined) {
      add(name('attn_q_norm'), [queryKeyNorm === 'whole' ? query : headDim], 0.3, 1)
      add(name('attn_k_norm'), [queryKeyNorm === 'whole' ? key : headDim], 0.3, 1)
    }
    if (norms !== 'before')
      for (const norm of ['post_attention_norm', 'post_ffw_norm']) add(name(norm), [HIDDEN], 0.3, 1)
  }
  add('output_norm.weight', [HIDDEN], 0.3, 1)
  if (family.ownHead) add('output.weight', [VOCABULARY_SIZE, HIDDEN], 0.4)
  const rotated = family.keys?.['rope.dimension_count'] ?? headDim
  for (const [name, divisor] of Object.entries(divisors)) {
    const pairs = Array.from({ length: Number(rotated) / 2 }, (_, pair) => divisor(pair))
    written.push(float32Tensor(name, [pairs.length], pairs))
  }
  return written
}

/** Between -1 and 1, always the same ones. */
function randomNumbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}
