import { type MachineMemory, machineMemory } from '../../config/machine-memory.ts'
import { memoryShares, sharedBytes } from '../../config/memory-shares.ts'
import type { Config } from '../../config/schema.ts'
import { memoryBytes } from '../../models/suggesting/model-size.ts'
import { byteSize } from '../terminal/byte-size.ts'
import type { Finding } from './finding.ts'
import type { NeededModel } from './model-checks.ts'

/** Of the program without models. */
const BASE_BYTES = 250e6

/** Bytes that the models take without caches; an estimate. */
function modelBytes(models: readonly NeededModel[]): number {
  return models.reduce(
    (sum, { weights, bits, uses }) => sum + memoryBytes(weights, { bits, sessions: uses }),
    0,
  )
}

/** Whether models and caches fit the memory. */
export function memoryCheck(
  models: readonly NeededModel[],
  config: Pick<Config, 'memory' | 'local' | 'upstreams'>,
  machine: MachineMemory = machineMemory(),
): Finding {
  const check = 'memory'
  const { limitBytes, availableBytes } = machine
  const loaded = BASE_BYTES + modelBytes(models)
  const shares = memoryShares(config, machine)
  const full = loaded + sharedBytes(shares)
  const free = `${byteSize(availableBytes)} of ${byteSize(limitBytes)} are free.`
  const elsewhere = config.local.kind === 'embedded' ? '' : " without the local model's server"
  if (models.length === 0)
    return { check, status: 'ok', message: `About ${byteSize(loaded)}${elsewhere}; ${free}` }
  const message = `About ${byteSize(loaded)}${elsewhere} after the start, and ${byteSize(full)} with full caches (memory.budget is ${byteSize(shares.budgetBytes)}); ${free}`
  const fix = 'Choose smaller models or a smaller memory.budget, or free some memory.'
  if (loaded > limitBytes) return { check, status: 'fail', message, fix }
  return full > availableBytes ? { check, status: 'warn', message, fix } : { check, status: 'ok', message }
}
