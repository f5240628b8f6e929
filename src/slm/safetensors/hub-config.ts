import { z } from 'zod'
import { readFolderJson } from '../folder-file.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'

const CONFIG_FILE = 'config.json'

const positive = z.number().positive()
const tokens = z.int().positive()

/** What each kind of rotation has beside this is read where it is computed. */
const rotationSchema = z.looseObject({
  rope_theta: positive.nullish(),
  rope_type: z.string().nullish(),
  /** What the kind was called before. */
  type: z.string().nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  original_max_position_embeddings: tokens.nullish(),
  /** Of Ministral 3: how much attention is sharpened in long texts. */
  llama_4_scaling_beta: z.number().min(0).nullish(),
})

/** How queries and keys are rotated, as configurations of the hub say it. */
export type HubRotation = z.infer<typeof rotationSchema>

const decoderSchema = z.looseObject({
  model_type: z.string(),
  num_hidden_layers: z.int().positive().max(1000),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
  head_dim: z.int().positive().nullish(),
  max_position_embeddings: tokens,
  rms_norm_eps: positive,
  tie_word_embeddings: z.boolean().nullish(),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  rope_theta: positive.nullish(),
  rope_local_base_freq: positive.nullish(),
  rope_scaling: rotationSchema.nullish(),
  rope_parameters: rotationSchema
    .extend({ full_attention: rotationSchema.nullish(), sliding_attention: rotationSchema.nullish() })
    .nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  original_max_position_embeddings: tokens.nullish(),
  sliding_window: z.int().min(0).nullish(),
  use_sliding_window: z.boolean().nullish(),
  max_window_layers: z.int().min(0).nullish(),
  sliding_window_pattern: z.int().positive().nullish(),
  layer_types: z.array(z.string()).nullish(),
  no_rope_layers: z.array(z.int()).nullish(),
  no_rope_layer_interval: z.int().nullish(),
  position_embedding_type: z.string().nullish(),
  query_pre_attn_scalar: positive.nullish(),
  final_logit_softcapping: positive.nullish(),
  attn_logit_softcapping: positive.nullish(),
  use_bidirectional_attention: z.union([z.boolean(), z.string()]).nullish(),
  embedding_multiplier: positive.nullish(),
  residual_multiplier: positive.nullish(),
  attention_multiplier: positive.nullish(),
  logits_scaling: positive.nullish(),
  num_local_experts: z.int().min(0).nullish(),
  shared_intermediate_size: z.int().positive().nullish(),
})

/** What `config.json` says of a decoder. */
export type HubConfig = z.infer<typeof decoderSchema>

const fileSchema = z.looseObject({
  model_type: z.string(),
  text_config: z.looseObject({ model_type: z.string().nullish() }).nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().nullish() }).nullish(),
})

interface WrittenConfig {
  readonly modelType: string
  /** With what the model's kind has where the file does not say. */
  /** With what the model's kind has where the file does not say. Throws ZodError. */
  decoder(defaults: Readonly<Record<string, unknown>>): HubConfig
  /** Whether the decoder is a part of a model that also sees or hears. */
  readonly isPart: boolean
}

/**
 * Reads a folder's `config.json`, of which a model that also sees has its decoder in `text_config`. Rejects
 * with GatewayError `model_file_invalid`.
 */
export async function readHubConfig(folder: string): Promise<WrittenConfig> {
  const file = await readFolderJson(folder, { name: CONFIG_FILE, schema: fileSchema })
  if (file === null) throw modelFileInvalid(folder, 'it has no config.json. Fetch the whole folder.')
  const { text_config: part, quantization_config: quantised, tie_word_embeddings: tied, ...rest } = file
  if (quantised != null) {
    const method = quantised.quant_method ?? 'in some way'
    throw modelFileInvalid(
      folder,
      `its weights are quantised (${method}). Take the folder with bf16 weights.`,
    )
  }
  const written = { tie_word_embeddings: tied, ...(part ?? rest) }
  const modelType = written.model_type ?? file.model_type
  return {
    modelType,
    isPart: part != null,
    decoder: (defaults) => decoderSchema.parse({ ...defaults, ...written, model_type: modelType }),
  }
}
