import { totalmem } from 'node:os'

export interface MachineMemory {
  /** What this process may use at most. */
  readonly limitBytes: number
  /** What nobody uses now. */
  readonly availableBytes: number
}

/** The memory of this machine, or of the container. */
export function machineMemory(): MachineMemory {
  const constrained = process.constrainedMemory()
  const total = totalmem()
  const limitBytes = constrained > 0 && constrained < total ? constrained : total
  return { limitBytes, availableBytes: Math.min(limitBytes, process.availableMemory()) }
}
