import { GatewayError } from '../gateway-error.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the disk is read-only',
}

/**
 * The error's code when a file could not be written for a reason that its user has to remedy; null otherwise.
 */
export function storageFailureCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  if (Object.hasOwn(reasons, error.code)) return error.code
  // Connections can be refused with these as well.
  return 'path' in error && ['EACCES', 'EPERM'].includes(error.code) ? error.code : null
}

/**
 * What to throw for `error`, which came about while `path` was written: a GatewayError `model_unavailable` or
 * itself.
 */
export function storageFailure(error: unknown, path: string): unknown {
  const code = storageFailureCode(error)
  if (code === null) return error
  const reason = reasons[code] ?? 'it is not permitted'
  const message = `${path} cannot be written: ${reason} (${code}). Make room or give access there, or set COSTEER_HOME to another place, and try again.`
  return new GatewayError('model_unavailable', message, { cause: error })
}
