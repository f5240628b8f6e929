import { z } from 'zod'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { HubConfig, HubRotation } from './hub-config.ts'

/** How positions are rotated, as GGUF says it. */
interface WrittenRotation {
  readonly keys: Readonly<Record<string, unknown>>
  /** Divisors of frequencies, by the tensor in which a GGUF file has them. */
  readonly divisors: ReadonlyMap<string, Float32Array>
  /** That of layers which see the latest tokens only; null where nothing is said of them. */
  readonly localTheta: number | null
}

const DEFAULT_THETA = 10_000

/**
 * The rotation of a configuration, old or new: `rope_parameters`, which may have one for each kind of layer,
 * or `rope_theta` with `rope_scaling`. The formulas are those of transformers' `modeling_rope_utils.py`.
 * Throws GatewayError `model_file_invalid` for a kind that nothing here computes, or ZodError.
 */
export function readHubRotation(folder: string, config: HubConfig): WrittenRotation {
  const { full, local } = rotationsOf(config)
  if (local !== null && kindOf(local) !== 'default') throw unknownKind(folder, kindOf(local))
  const theta = full.rope_theta ?? config.rope_theta ?? DEFAULT_THETA
  const share = full.partial_rotary_factor ?? config.partial_rotary_factor ?? 1
  const headDim = config.head_dim ?? config.hidden_size / config.num_attention_heads
  const dimensions = Math.floor(headDim * share)
  const longest = config.max_position_embeddings
  const original = config.original_max_position_embeddings ?? full.original_max_position_embeddings ?? longest
  const stretch = stretchOf(full, config.model_type)
  if (stretch === undefined) throw unknownKind(folder, kindOf(full))
  const stretched = stretch(full, { theta, dimensions, original, longest })
  const divisors = new Map(Object.entries(stretched.divisors ?? {}))
  for (const [name, { length }] of divisors) {
    if (length === dimensions / 2) continue
    const what = `its config.json has ${length} values for ${name} instead of ${dimensions / 2}`
    throw modelFileInvalid(folder, `${what}. Fetch it again.`)
  }
  return {
    keys: { 'rope.freq_base': theta, 'rope.dimension_count': dimensions, ...stretched.keys },
    divisors,
    localTheta: local?.rope_theta ?? config.rope_local_base_freq ?? null,
  }
}

/** That of layers which see all tokens, and of local ones where they have their own. */
function rotationsOf({ rope_parameters: written, rope_scaling: scaling }: HubConfig): {
  readonly full: HubRotation
  readonly local: HubRotation | null
} {
  if (scaling != null || written == null) return { full: scaling ?? {}, local: null }
  const { full_attention: full, sliding_attention: local, ...plain } = written
  return { full: full ?? plain, local: local ?? null }
}

function kindOf({ rope_type: kind, type }: HubRotation): string {
  return kind ?? type ?? 'default'
}

function unknownKind(folder: string, kind: string) {
  return modelFileInvalid(folder, `its positions are stretched by "${kind}". Take another model.`)
}

interface Stretched {
  readonly keys?: Readonly<Record<string, unknown>>
  readonly divisors?: Readonly<Record<string, Float32Array>>
}

interface Stretch {
  readonly theta: number
  /** Values of a head that take part. */
  readonly dimensions: number
  /** Tokens that the model was first trained on, and how many it takes now. */
  readonly original: number
  readonly longest: number
}

type StretchedBy = (rotation: HubRotation, stretch: Stretch) => Stretched

function stretchOf(rotation: HubRotation, modelType: string): StretchedBy | undefined {
  const kind = kindOf(rotation)
  // Phi-3 called its own kind by other names before
  if (modelType === 'phi3' && ['su', 'yarn', 'longrope'].includes(kind)) return longRope
  return new Map<string, StretchedBy>([
    ['default', () => ({})],
    ['linear', linear],
    ['llama3', llama3],
    ['yarn', yarn],
  ]).get(kind)
}

const positive = z.number().positive()
const linearSchema = z.looseObject({ factor: positive })

function linear(rotation: HubRotation): Stretched {
  return {
    keys: { 'rope.scaling.type': 'linear', 'rope.scaling.factor': linearSchema.parse(rotation).factor },
  }
}

const llama3Schema = z.looseObject({
  factor: positive,
  low_freq_factor: positive,
  high_freq_factor: positive,
})

/** Fast pairs stay as they are, slow ones are stretched whole, and those between in part. */
function llama3(rotation: HubRotation, { theta, dimensions, original }: Stretch): Stretched {
  const { factor, low_freq_factor: low, high_freq_factor: high } = llama3Schema.parse(rotation)
  const divisors = Float32Array.from({ length: dimensions / 2 }, (_, pair) => {
    const turns = (original * theta ** ((-2 * pair) / dimensions)) / (2 * Math.PI)
    if (turns > high) return 1
    if (turns < low) return factor
    const kept = (turns - low) / (high - low)
    return 1 / ((1 - kept) / factor + kept)
  })
  return { divisors: { 'rope_freqs.weight': divisors } }
}

const yarnSchema = z.looseObject({
  factor: positive.nullish(),
  attention_factor: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  mscale: z.number().min(0).nullish(),
  mscale_all_dim: z.number().min(0).nullish(),
  truncate: z.literal(true).nullish(),
})

function yarn(rotation: HubRotation, { original, longest }: Stretch): Stretched {
  const keys = yarnSchema.parse(rotation)
  const factor = keys.factor ?? longest / original
  const grown = (multiplier: number) => (factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1)
  const { mscale, mscale_all_dim: mscaleAll } = keys
  const magnitude =
    keys.attention_factor ?? (mscale && mscaleAll ? grown(mscale) / grown(mscaleAll) : grown(1))
  return {
    keys: {
      'rope.scaling.type': 'yarn',
      'rope.scaling.factor': factor,
      'rope.scaling.original_context_length': original,
      'rope.scaling.yarn_beta_fast': keys.beta_fast ?? 32,
      'rope.scaling.yarn_beta_slow': keys.beta_slow ?? 1,
      // GGUF's own is multiplied by how much YaRN's authors let it grow
      'rope.scaling.attn_factor': magnitude / grown(1),
    },
  }
}

const divisorsSchema = z.array(positive).max(4096)
const longSchema = z.looseObject({
  short_factor: divisorsSchema,
  long_factor: divisorsSchema,
  factor: positive.nullish(),
  attention_factor: positive.nullish(),
})

function longRope(rotation: HubRotation, { original, longest }: Stretch): Stretched {
  const keys = longSchema.parse(rotation)
  const factor = keys.factor ?? longest / original
  const grown = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original))
  return {
    keys: {
      'rope.scaling.original_context_length': original,
      'rope.scaling.attn_factor': keys.attention_factor ?? grown,
    },
    divisors: {
      'rope_factors_short.weight': Float32Array.from(keys.short_factor),
      'rope_factors_long.weight': Float32Array.from(keys.long_factor),
    },
  }
}
