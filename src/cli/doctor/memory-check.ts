import { totalmem } from 'node:os'
import type { Config } from '../../config/schema.ts'
import { fileBytes } from '../../models/suggesting/model-size.ts'
import { byteSize } from '../terminal/byte-size.ts'
import type { Finding } from './finding.ts'
import type { NeededModel } from './model-checks.ts'

/** Of the program without models. */
const BASE_BYTES = 250e6
/**
 * Sessions hold weights of so many bits with scales, whatever the file has, and buffers: measured for models
 * of the catalogue, whose files have four to five bits a weight. Folders of the hub have sixteen.
 */
const bytesPerFileByte = { 8: 1.7, 4: 1.2 } as const
const bytesPerFolderByte = { 8: 0.65, 4: 0.55 } as const

export interface MachineMemory {
  /** What this process may use at most. */
  readonly limitBytes: number
  /** What nobody uses now. */
  readonly availableBytes: number
}

/** The memory of this machine, or of the container. */
function machineMemory(): MachineMemory {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  const limitBytes = constrained > 0 && constrained < total ? constrained : total
  return { limitBytes, availableBytes: Math.min(limitBytes, process.availableMemory()) }
}

/** Bytes that the gateway takes with full caches; an estimate. */
function memoryNeeded(models: readonly NeededModel[], local: Config['local']): number {
  const sessions = models.map(({ uses, bits, entry, installed }) => {
    const expected = entry === null ? 0 : fileBytes(entry)
    const perByte = installed?.format === 'safetensors' ? bytesPerFolderByte : bytesPerFileByte
    return uses * perByte[bits] * (installed?.bytes ?? expected)
  })
  const loaded = BASE_BYTES + sessions.reduce((sum, one) => sum + one, 0)
  return loaded + cacheBudget(local)
}

function cacheBudget(local: Config['local']): number {
  return local.kind === 'embedded' ? local.cache_bytes + local.running_bytes : 0
}

/** Whether models and caches fit the memory. */
export function memoryCheck(
  models: readonly NeededModel[],
  local: Config['local'],
  { limitBytes, availableBytes }: MachineMemory = machineMemory(),
): Finding {
  const check = 'memory'
  const needed = memoryNeeded(models, local)
  const free = `${byteSize(availableBytes)} of ${byteSize(limitBytes)} are free.`
  if (local.kind !== 'embedded')
    return {
      check,
      status: 'ok',
      message: `About ${byteSize(needed)} without the local model's server; ${free}`,
    }
  const message = `About ${byteSize(needed)} with full caches (local.cache_bytes is ${byteSize(local.cache_bytes)}, local.running_bytes ${byteSize(local.running_bytes)}); ${free}`
  const fix = 'Choose a smaller local.model, local.cache_bytes or local.running_bytes, or free some memory.'
  if (needed - cacheBudget(local) > limitBytes) return { check, status: 'fail', message, fix }
  return needed > availableBytes ? { check, status: 'warn', message, fix } : { check, status: 'ok', message }
}
