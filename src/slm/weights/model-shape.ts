import { ZodError, z } from 'zod'
import { anyFamily, decoderTraits, type FamilyName, isFamily } from '../families/families.ts'
import type { DecoderTraits } from '../families/family.ts'
import { readRotation } from '../families/rotation.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { ModelMetadata, ModelSource } from './model-source.ts'

/** Sizes and constants of a decoder. */
export interface ModelShape extends DecoderTraits {
  readonly family: FamilyName
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly feedForward: number
  readonly vocabularySize: number
  readonly rmsNormEpsilon: number
  /** The output head is the token embedding; there is no `output.weight`. */
  readonly tiedEmbeddings: boolean
}

const count = z.coerce
  .number()
  .int()
  .positive()
  .max(2 ** 31)
const size = z.number().positive()

const shapeSchema = z.object({
  block_count: count.max(1000),
  context_length: count,
  embedding_length: count,
  feed_forward_length: count,
  'attention.head_count': count,
  'attention.head_count_kv': count.optional(),
  'attention.key_length': count.optional(),
  'attention.value_length': count.optional(),
  'attention.layer_norm_rms_epsilon': size,
  expert_count: z.coerce.number().default(0),
})

type ShapeKeys = z.infer<typeof shapeSchema>

function architectureKeys(metadata: ModelMetadata, architecture: string): Record<string, unknown> {
  const prefix = `${architecture}.`
  const entries = Object.entries(metadata).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}

/**
 * Reads the decoder's sizes from the metadata; throws GatewayError `model_file_invalid`
 * on what is not supported.
 */
export function readModelShape({ path, metadata, tensors }: ModelSource): ModelShape {
  const family = metadata['general.architecture']
  if (!isFamily(family)) {
    throw modelFileInvalid(path, `its architecture is ${JSON.stringify(family)}. Take a ${anyFamily} model.`)
  }
  const { keys, headDim, traits } = readKeys(path, family, metadata)
  const heads = keys['attention.head_count']
  const embedding = tensors.get('token_embd.weight')
  const refusal = shapeRefusal(keys, { headDim, traits, embedding: embedding?.shape })
  if (refusal) throw modelFileInvalid(path, `${refusal} Take another model.`)
  return {
    ...traits,
    family,
    layers: keys.block_count,
    hidden: keys.embedding_length,
    heads,
    kvHeads: keys['attention.head_count_kv'] ?? heads,
    headDim,
    feedForward: keys.feed_forward_length,
    vocabularySize: embedding?.shape[0] ?? 0,
    rmsNormEpsilon: keys['attention.layer_norm_rms_epsilon'],
    tiedEmbeddings: !tensors.has('output.weight'),
  }
}

function readKeys(path: string, family: FamilyName, metadata: ModelMetadata) {
  const all = architectureKeys(metadata, family)
  try {
    const keys = shapeSchema.parse(all)
    const { block_count: layers, embedding_length: hidden, context_length: contextTokens } = keys
    const headDim = keys['attention.key_length'] ?? hidden / keys['attention.head_count']
    const rotation = readRotation(all, { headDim, contextTokens })
    const model = { layers, hidden, headDim, contextTokens, rotation, keys: all }
    return { keys, headDim, traits: decoderTraits(family, model) }
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    const names = error.issues.map((issue) => `${family}.${issue.path.join('.')}`)
    throw modelFileInvalid(path, `its metadata has no usable ${names.join(', ')}. Fetch or convert it again.`)
  }
}

function shapeRefusal(
  keys: ShapeKeys,
  {
    headDim,
    traits,
    embedding,
  }: {
    readonly headDim: number
    readonly traits: DecoderTraits
    readonly embedding: readonly number[] | undefined
  },
): string | null {
  if (keys.expert_count > 0) return 'it is a mixture of experts, which is not supported.'
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) return 'its heads have no even, whole size.'
  if ((keys['attention.value_length'] ?? headDim) !== headDim) return 'its keys and values differ in size.'
  for (const rotation of traits.rotations) {
    const rotated = rotation?.dimensions ?? headDim
    if (rotated > headDim || rotated % 2 !== 0) return 'it rotates no even part of each head.'
  }
  if (keys['attention.head_count'] % (keys['attention.head_count_kv'] ?? 1) !== 0) {
    return 'its attention heads do not divide into its key/value heads.'
  }
  if (embedding?.length !== 2 || embedding[1] !== keys.embedding_length)
    return 'it has no token embedding of its size.'
  return null
}
