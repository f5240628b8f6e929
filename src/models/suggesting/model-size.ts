import type { WeightBits } from '../../slm/graph/weight-store.ts'
import type { CatalogueEntry } from '../catalogue.ts'

/** Of sessions, with buffers, by the bits of a weight. */
const memoryBytesPerWeight = { 8: 1.3, 4: 1.1 } as const satisfies Record<WeightBits, number>
/** Of files with 4 to 5 bits a weight. */
const FILE_BYTES_PER_WEIGHT = 0.8

type Sized = Pick<CatalogueEntry, 'bytes' | 'parameters'>

/** Bytes of a model's file; an estimate where only the hub knows. */
export function fileBytes({ bytes, parameters }: Sized): number {
  return bytes ?? parameters * FILE_BYTES_PER_WEIGHT
}

/** Bytes of memory that a model takes in this process with weights of `bits` bits; an estimate. */
export function memoryBytes({ parameters }: Pick<Sized, 'parameters'>, bits: WeightBits): number {
  return parameters * memoryBytesPerWeight[bits]
}
