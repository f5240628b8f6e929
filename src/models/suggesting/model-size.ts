import type { CatalogueEntry } from '../catalogue.ts'

/** Of sessions, with buffers. */
const MEMORY_BYTES_PER_WEIGHT = 1.3
/** Of files with 4 to 5 bits a weight. */
const FILE_BYTES_PER_WEIGHT = 0.8

type Sized = Pick<CatalogueEntry, 'bytes' | 'parameters'>

/** Bytes of a model's file; an estimate where only the hub knows. */
export function fileBytes({ bytes, parameters }: Sized): number {
  return bytes ?? parameters * FILE_BYTES_PER_WEIGHT
}

/** Bytes of memory that a model's weights take in this process; an estimate. */
export function memoryBytes({ parameters }: Pick<Sized, 'parameters'>): number {
  return parameters * MEMORY_BYTES_PER_WEIGHT
}
