import type { Logger } from 'pino'
import { loggableError } from '../request/request-log.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import { type ErrorReply, errorReply } from './error-reply.ts'

/**
 * Turns a failure into what the client gets; notes it in the request's record and, when it is ours, in the
 * log.
 */
export type FailureReport = (error: unknown, tracker: RequestTracker) => ErrorReply

/** Notes a failure in the request's record, and in the log where it is the gateway's own (500 and above). */
export function failureReport(logger: Logger): FailureReport {
  return (error, tracker) => {
    const reply = errorReply(error)
    tracker.failed(reply.code, reply.body.error.message)
    if (reply.status >= 500) {
      logger.error({ requestId: tracker.requestId, error: loggableError(error) }, 'request failed')
    }
    return reply
  }
}
