// Safetensors: what a folder of the hub holds. This room owns its weights' files, and what its configuration
// means in GGUF's words. It must not know what a model does with them.

import { ZodError } from 'zod'
import { familyOf } from '../families/families.ts'
import { modelFileInvalid } from '../model-file-invalid.ts'
import type { ModelSource, TensorEntry } from '../weights/model-source.ts'
import { type HubConfig, readHubConfig } from './hub-config.ts'
import { type HubModel, hubModels } from './hub-models.ts'
import { type HubNames, hubNames } from './hub-names.ts'
import { readHubRotation } from './hub-rotation.ts'
import { windowKeys } from './hub-window.ts'
import { readTensorFiles } from './tensor-files.ts'

/**
 * Reads configuration and directory of a folder of the hub with safetensors, and says them in GGUF's words.
 * Rejects with GatewayError `model_file_invalid` for what is damaged, missing, or of a kind that nothing here
 * computes.
 */
export async function readModelFolder(folder: string): Promise<ModelSource> {
  const { model, config, metadata, divisors } = await readModelConfig(folder)
  const { files, tensors } = await readTensorFiles(folder)
  const names = hubNames(model.family)
  return {
    path: folder,
    files,
    metadata,
    tensors: renamed(folder, tensors, { model, names, config }),
    computed: divisors,
    rotaryLayout: 'halves',
    nameInFiles: names.onHub,
    instead: 'the folder with bf16, f16 or f32 weights',
  }
}

/** What `config.json` says of a model that can be computed here. */
interface ModelConfig extends Described {
  readonly metadata: ModelSource['metadata']
  readonly divisors: ModelSource['computed']
}

/**
 * Reads the configuration of a folder alone, whose weights need not be there. Rejects with GatewayError
 * `model_file_invalid` for what nothing here computes, whatever its weights are.
 */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const written = await readHubConfig(folder)
  const { modelType } = written
  const model = Object.hasOwn(hubModels, modelType) ? hubModels[modelType] : undefined
  if (model === undefined) {
    const known = Object.keys(hubModels).join(', ')
    throw modelFileInvalid(folder, `its model_type is "${modelType}", which is none of ${known}. ${OTHERS}`)
  }
  try {
    const config = written.decoder(model.defaults ?? {})
    return { model, config, ...inGgufTerms(folder, { model, config }) }
  } catch (cause) {
    if (!(cause instanceof ZodError)) throw cause
    const keys = [...new Set(cause.issues.map(({ path }) => path.join('.')))].join(', ')
    throw modelFileInvalid(folder, `its config.json has no usable ${keys}. Fetch it again.`, cause)
  }
}

const OTHERS = 'Take another model, or run this one on a llama-server with local.kind: llama-cpp.'

interface Described {
  readonly model: HubModel
  readonly config: HubConfig
}

function inGgufTerms(folder: string, { model, config }: Described) {
  const { family } = model
  const refusal = unknownActivation({ model, config }) ?? model.refusal?.(config) ?? null
  if (refusal !== null) throw modelFileInvalid(folder, `${refusal} ${OTHERS}`)
  const rotation = readHubRotation(folder, config)
  const { localTheta } = rotation
  const localRotation = family === 'gemma3' && localTheta !== null && { 'rope.freq_base_swa': localTheta }
  if (!localRotation && localTheta !== null && localTheta !== rotation.keys['rope.freq_base'])
    throw modelFileInvalid(folder, `its local layers have rotations of their own. ${OTHERS}`)
  const headDim = config.head_dim ?? config.hidden_size / config.num_attention_heads
  const keys = {
    block_count: config.num_hidden_layers,
    context_length: config.max_position_embeddings,
    embedding_length: config.hidden_size,
    feed_forward_length: config.intermediate_size,
    'attention.head_count': config.num_attention_heads,
    'attention.head_count_kv': config.num_key_value_heads ?? config.num_attention_heads,
    'attention.key_length': headDim,
    'attention.value_length': headDim,
    'attention.layer_norm_rms_epsilon': config.rms_norm_eps,
    ...rotation.keys,
    ...windowKeys(folder, { model, config }),
    ...localRotation,
    ...model.keys?.(config),
  }
  const named = Object.entries(keys).map(([key, value]) => [`${family}.${key}`, value] as const)
  return {
    metadata: { 'general.architecture': family, ...Object.fromEntries(named) },
    divisors: rotation.divisors,
  }
}

const activations = { silu: ['silu', 'swish'], gelu: ['gelu_pytorch_tanh'] } as const

function unknownActivation({ model, config }: Described): string | null {
  const name = config.hidden_activation ?? config.hidden_act
  const known: readonly string[] = activations[familyOf(model.family).activation]
  return name == null || known.includes(name) ? null : `its activation is "${name}".`
}

/** The tensors under GGUF's names, without those that the decoder has no use for. */
function renamed(
  folder: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  { model, config, names }: Described & { readonly names: HubNames },
): ReadonlyMap<string, TensorEntry> {
  const own = new Map<string, TensorEntry>()
  for (const [name, entry] of tensors) {
    const known = names.inGguf(name)
    if (known === null) continue
    if (own.has(known)) throw modelFileInvalid(folder, `it has ${names.onHub(known)} twice. Fetch it again.`)
    const isAboutOne = model.normsAboutOne === true && /norm\.weight$/.test(known)
    own.set(known, isAboutOne ? { ...entry, added: 1 } : entry)
  }
  const hasHead = own.has('output.weight')
  const isTied = config.tie_word_embeddings ?? !hasHead
  if (isTied) own.delete('output.weight')
  else if (!hasHead)
    throw modelFileInvalid(folder, 'it has no tensor lm_head.weight. Fetch or convert it again.')
  return own
}
