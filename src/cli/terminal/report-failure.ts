import { GatewayError } from '../../gateway-error.ts'
import { endProcess } from './end-process.ts'

/** Ends the process with a readable message: one sentence for a known failure, the stack for a bug. */
export function reportFailure(failure: unknown): never {
  const known = failure instanceof GatewayError
  const text =
    failure instanceof Error
      ? known
        ? failure.message
        : (failure.stack ?? failure.message)
      : String(failure)
  process.stderr.write(`costeer: ${text}\n`)
  endProcess(known ? 1 : 70)
}
