import type { WeightBits } from '../../slm/graph/weight-store.ts'
import { weightShapes } from '../../slm/weights/weight-shapes.ts'
import type { CatalogueEntry } from '../catalogue.ts'
import type { InstalledModel } from '../model-folder.ts'
import { openChecked } from '../prepare-model.ts'

/** Mapped from the file, and shared by all sessions of a model. */
const mappedBytesPerWeight = { 8: 1.4, 4: 1 } as const satisfies Record<WeightBits, number>
/** What each session has for itself. */
const SESSION_BYTES = 30e6
/** Of files of 4 to 5 bits a weight, of folders of the hub with 16, and of exported graphs with about 8. */
const fileBytesPerWeight = { gguf: 0.8, safetensors: 2, onnx: 1 } as const

/** Bytes of a model's file; an estimate where only the hub knows. */
export function fileBytes({ bytes, parameters }: Pick<CatalogueEntry, 'bytes' | 'parameters'>): number {
  return bytes ?? parameters * fileBytesPerWeight.gguf
}

interface LoadedModel {
  readonly bits: WeightBits
  /** How often it is loaded: as the local model, and for each embedded upstream. */
  readonly sessions?: number
}

/** Bytes of memory that a model takes in this process, without caches: about what was measured. */
export function memoryBytes(weights: number, { bits, sessions = 1 }: LoadedModel): number {
  return weights === 0 ? 0 : weights * mappedBytesPerWeight[bits] + sessions * SESSION_BYTES
}

/**
 * How many weights a model has: by the catalogue, else by its files, else about as many as its bytes make; 0
 * where it is neither known nor here.
 */
export async function weightsOf(
  entry: CatalogueEntry | undefined,
  installed: InstalledModel | null,
): Promise<number> {
  if (entry !== undefined) return entry.parameters
  return installed === null ? 0 : countWeights(installed)
}

async function countWeights({ format, path, bytes }: InstalledModel): Promise<number> {
  const model = format === 'onnx' ? null : await openChecked({ format, path }).catch(() => null)
  if (model === null) return bytes / fileBytesPerWeight[format]
  await model.close()
  const there = [...weightShapes(model.shape).all].filter(([name]) => model.has(name))
  return there.reduce((sum, [, size]) => sum + size.reduce((product, length) => product * length, 1), 0)
}
