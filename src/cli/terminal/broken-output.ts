import type { Writable } from 'node:stream'
import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { endProcess } from './end-process.ts'
import { reportFailure } from './report-failure.ts'

interface Outputs {
  readonly stdout: Writable
  readonly stderr: Writable
}

/**
 * Decides what follows when nobody reads the output any more: a command ends quietly with exit code 0, as its
 * reader had enough (`| head -1`). One that `serves` goes on. Remarks that nobody reads stop nothing.
 */
export function heedBrokenOutput(
  { serves }: { readonly serves: boolean },
  { stdout, stderr }: Outputs = process,
): void {
  stderr.on('error', () => {})
  stdout.on('error', (error: unknown) => {
    if (serves) return
    const code = errorCode(error)
    if (code === 'EPIPE') endProcess(0)
    reportFailure(new GatewayError('invalid_request', `The output cannot be written (${code}).`))
  })
}
