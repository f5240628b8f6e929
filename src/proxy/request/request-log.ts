import type { Logger } from 'pino'
import { GatewayError } from '../../gateway-error.ts'
import { probePaths } from '../status-route.ts'
import type { RequestRecord } from './request-record.ts'

/** Routes that machines ask every few seconds: not worth a line of the log. */
const quietRoutes: ReadonlySet<string> = new Set([...probePaths, '/metrics'])

/** Writes the access log's line for one finished request. */
export function logRequest(logger: Logger, record: RequestRecord): void {
  const { answer, ...request } = record
  const failed = request.error !== null && request.status >= 500
  const level = failed ? 'error' : quietRoutes.has(request.route) ? 'debug' : 'info'
  logger[level]({ ...request, ...(answer === null ? {} : { answer }) }, 'request completed')
}

/**
 * What may be logged of a failure. Messages of GatewayErrors carry no text of a conversation; those of other
 * errors might (a parser quotes what it could not read), so only their name and stack frames are kept.
 */
export function loggableError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error }
  const cause = error.cause === undefined ? {} : { cause: loggableError(error.cause) }
  if (error instanceof GatewayError && error.code !== 'invalid_request') {
    return { name: error.name, code: error.code, message: error.message, ...cause }
  }
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  return { name: error.name, frames: frames.map((line) => line.trim()), ...cause }
}
