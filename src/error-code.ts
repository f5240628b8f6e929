/**
 * The system's code of a failed operation, such as `ENOENT`. Its message is left out: it may hold anything.
 */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
