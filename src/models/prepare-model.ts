import { openGguf } from '../slm/gguf/open-gguf.ts'
import { readExportedGraph } from '../slm/graph/exported-graph.ts'
import type { ModelGraph } from '../slm/graph/model-graph.ts'
import { prepareGraph } from '../slm/graph/prepare-graph.ts'
import type { WeightBits } from '../slm/graph/weight-store.ts'
import { packInThread } from '../slm/packing/packing-thread.ts'
import { openModelFolder } from '../slm/safetensors/open-model-folder.ts'
import type { OpenedModel } from '../slm/weights/open-weights.ts'
import { type Catalogue, type CatalogueEntry, loadCatalogue } from './catalogue.ts'
import type { ModelFormat } from './files/model-format.ts'
import { graphFolderOf, type InstalledModel } from './model-folder.ts'

/**
 * What the runtime loads of an installed model. Of a GGUF file or a folder with safetensors, graphs with
 * weights of `bits` bits are built on the first call (seconds for every 100 million weights) and then kept
 * beside it; a folder of ready graphs is taken as it is. Rejects with GatewayError `model_file_invalid`.
 */
export async function prepareModel(model: InstalledModel, bits: WeightBits = 8): Promise<ModelGraph> {
  const { name, path, format, sha256, stamp } = model
  if (format === 'onnx') return readExportedGraph(path)
  const open = stamp === undefined ? openModel : openChecked
  return prepareGraph(graphFolderOf(model, bits), {
    source: stamp ?? sha256 ?? name,
    precision: bits,
    openWeights: () => open({ format, path }),
    pack: packInThread,
  })
}

/** A model whose graphs are built here. */
interface WeightFiles {
  readonly format: Exclude<ModelFormat, 'onnx'>
  readonly path: string
}

/** Rejects with GatewayError `model_file_invalid`. Close it after use. */
function openModel({ format, path }: WeightFiles): Promise<OpenedModel> {
  return format === 'gguf' ? openGguf(path) : openModelFolder(path)
}

/** The same, of which every weight is there and has a use. Close it after use. */
export async function openChecked(files: WeightFiles): Promise<OpenedModel> {
  const model = await openModel(files)
  try {
    model.requireReadable()
    return model
  } catch (error) {
    await model.close()
    throw error
  }
}

/** `local.precision`: bits of each weight of a local model in this process, or what suits it. */
export type LocalPrecision = 'auto' | WeightBits

/** Where a step in 4 bits was seen to be shorter. */
const fasterWithFour: readonly NodeJS.Architecture[] = ['x64']

interface WeighedModel {
  readonly name: string
  readonly arch?: NodeJS.Architecture
  readonly catalogue?: Catalogue
}

/**
 * The bits of a model's weights. With `auto` they are those of the catalogue's entry, which has 4 for models
 * whose loss was measured, on processors where fewer are faster; else 8.
 */
export function entryBits(
  precision: LocalPrecision,
  { entry, arch = process.arch }: Pick<WeighedModel, 'arch'> & { readonly entry: Weighed | undefined },
): WeightBits {
  if (precision !== 'auto') return precision
  return fasterWithFour.includes(arch) ? (entry?.bits ?? 8) : 8
}

type Weighed = Pick<CatalogueEntry, 'bits'>

/** The same for a model by its name. Rejects with GatewayError `config_invalid`. */
export async function weightBits(
  precision: LocalPrecision,
  { name, arch = process.arch, catalogue }: WeighedModel,
): Promise<WeightBits> {
  if (precision !== 'auto') return precision
  return entryBits(precision, { arch, entry: (catalogue ?? (await loadCatalogue())).find(name) })
}
