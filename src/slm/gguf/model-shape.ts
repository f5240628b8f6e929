import { z } from 'zod'
import { modelFileInvalid } from '../model-file-invalid.ts'
import { type ArchitectureName, anyArchitecture, isArchitecture } from './architectures.ts'
import type { GgufDirectory, GgufMetadata } from './gguf-directory.ts'

/** Sizes and constants of a decoder. */
export interface ModelShape {
  readonly architecture: ArchitectureName
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly feedForward: number
  readonly vocabularySize: number
  /** Prompt and answer together, in tokens. */
  readonly contextTokens: number
  readonly ropeTheta: number
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
  'attention.layer_norm_rms_epsilon': size,
  'rope.freq_base': size.default(10_000),
  'rope.dimension_count': count.optional(),
  'rope.scaling.type': z.string().default('none'),
  expert_count: z.coerce.number().default(0),
})

function architectureKeys(metadata: GgufMetadata, architecture: string): Record<string, unknown> {
  const prefix = `${architecture}.`
  const entries = Object.entries(metadata).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}

/**
 * Reads the decoder's sizes from the metadata; throws GatewayError `model_file_invalid`
 * on what is not supported.
 */
export function readModelShape(path: string, { metadata, tensors }: GgufDirectory): ModelShape {
  const architecture = metadata['general.architecture']
  if (!isArchitecture(architecture)) {
    throw modelFileInvalid(
      path,
      `its architecture is ${JSON.stringify(architecture)}. Take a ${anyArchitecture} model.`,
    )
  }
  const parsed = shapeSchema.safeParse(architectureKeys(metadata, architecture))
  if (!parsed.success) {
    const keys = parsed.error.issues.map((issue) => `${architecture}.${issue.path.join('.')}`)
    throw modelFileInvalid(path, `its metadata has no usable ${keys.join(', ')}. Fetch or convert it again.`)
  }
  const keys = parsed.data
  const heads = keys['attention.head_count']
  const headDim = keys['attention.key_length'] ?? keys.embedding_length / heads
  const embedding = tensors.get('token_embd.weight')
  const refusal = shapeRefusal(keys, headDim, embedding?.shape)
  if (refusal) throw modelFileInvalid(path, `${refusal} Take another model.`)
  return {
    architecture,
    layers: keys.block_count,
    hidden: keys.embedding_length,
    heads,
    kvHeads: keys['attention.head_count_kv'] ?? heads,
    headDim,
    feedForward: keys.feed_forward_length,
    vocabularySize: embedding?.shape[0] ?? 0,
    contextTokens: keys.context_length,
    ropeTheta: keys['rope.freq_base'],
    rmsNormEpsilon: keys['attention.layer_norm_rms_epsilon'],
    tiedEmbeddings: !tensors.has('output.weight'),
  }
}

function shapeRefusal(
  keys: z.infer<typeof shapeSchema>,
  headDim: number,
  embedding: readonly number[] | undefined,
): string | null {
  if (keys.expert_count > 0) return 'it is a mixture of experts, which is not supported.'
  if (keys['rope.scaling.type'] !== 'none')
    return `rope scaling ${keys['rope.scaling.type']} is not supported.`
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) return 'its heads have no even, whole size.'
  if ((keys['rope.dimension_count'] ?? headDim) !== headDim) return 'it rotates only part of each head.'
  if (keys['attention.head_count'] % (keys['attention.head_count_kv'] ?? 1) !== 0) {
    return 'its attention heads do not divide into its key/value heads.'
  }
  if (embedding?.length !== 2 || embedding[1] !== keys.embedding_length)
    return 'it has no token embedding of its size.'
  return null
}
