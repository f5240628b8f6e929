import type { FamilyName } from '../families/families.ts'
import type { HubConfig } from './hub-config.ts'

/** What sets the folders of one `model_type` apart from others'. */
export interface HubModel {
  readonly family: FamilyName
  /** What its configurations may leave out: what transformers has then. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** Norms are stored as what is added to 1. */
  readonly normsAboutOne?: true
  /**
   * Which layers see the latest tokens only, where there is a window and `layer_types` does not say: none;
   * all; those from `max_window_layers` on, if a switch is on; or all but each so-many-th.
   */
  readonly window: 'none' | 'all' | 'switched' | number
  /** Keys of its GGUF files beside those that all have. */
  readonly keys?: (config: HubConfig) => Readonly<Record<string, unknown>>
  /** Why this model of its kind cannot be computed: a clause for people; null when it can. */
  readonly refusal?: (config: HubConfig) => string | null
}

function graniteKeys(config: HubConfig) {
  return {
    embedding_scale: config.embedding_multiplier ?? 1,
    residual_scale: config.residual_multiplier ?? 1,
    logit_scale: config.logits_scaling ?? 1,
    'attention.scale': config.attention_multiplier ?? 1,
  }
}

const gemma3: HubModel = {
  family: 'gemma3',
  normsAboutOne: true,
  window: 6,
  defaults: {
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    query_pre_attn_scalar: 256,
    sliding_window: 4096,
  },
  keys: ({ query_pre_attn_scalar: scalar, final_logit_softcapping: cap }) => ({
    ...(scalar != null && { 'attention.scale': 1 / Math.sqrt(scalar) }),
    ...(cap != null && { final_logit_softcapping: cap }),
  }),
  refusal(config) {
    if (config.attn_logit_softcapping != null) return 'its attention has a cap.'
    return config.use_bidirectional_attention ? 'its tokens see those behind them.' : null
  },
}

const NOPE_EVERY = 4

/** The models that folders of the hub hold, by the `model_type` of their configurations. */
export const hubModels: Readonly<Record<string, HubModel>> = {
  llama: { family: 'llama', window: 'none' },
  mistral: { family: 'llama', window: 'all' },
  ministral3: {
    family: 'mistral3',
    window: 'all',
    keys: ({ rope_parameters: rotation, rope_scaling: before }) => ({
      'attention.temperature_scale': (before ?? rotation)?.llama_4_scaling_beta ?? 0,
    }),
  },
  qwen2: { family: 'qwen2', window: 'switched' },
  qwen3: { family: 'qwen3', window: 'switched', defaults: { head_dim: 128 } },
  gemma3,
  gemma3_text: gemma3,
  granite: { family: 'granite', window: 'none', keys: graniteKeys },
  granitemoehybrid: {
    family: 'granite',
    window: 'none',
    keys: (config) => ({
      ...graniteKeys(config),
      feed_forward_length: config.shared_intermediate_size,
      'rope.scaling.finetuned': config.position_embedding_type === 'rope',
    }),
    refusal({ num_local_experts: experts, layer_types: types }) {
      if (experts !== 0) return 'it is a mixture of experts, which is not supported.'
      return types == null ? 'it has recurrent layers, which are not supported.' : null
    },
  },
  smollm3: {
    family: 'smollm3',
    window: 'switched',
    defaults: { rope_theta: 2_000_000 },
    refusal({ no_rope_layers: rotated, no_rope_layer_interval: every, num_hidden_layers: layers }) {
      const asAll = rotated
        ? Array.from({ length: layers }, (_, layer) => rotated[layer]).every(
            (one, layer) => one === ((layer + 1) % NOPE_EVERY === 0 ? 0 : 1),
          )
        : (every ?? NOPE_EVERY) === NOPE_EVERY
      return asAll ? null : 'other layers than every fourth know no positions.'
    },
  },
  phi3: { family: 'phi3', window: 'all' },
  olmo2: { family: 'olmo2', window: 'none', defaults: { rms_norm_eps: 1e-5 } },
  olmo3: {
    family: 'olmo2',
    window: 4,
    defaults: { rms_norm_eps: 1e-5, rope_theta: 500_000, sliding_window: 4096 },
  },
}
