import type { ErrorEnvelope } from '../../errors/error-schema.ts'
import { eventFrame } from '../../sse/sse-frame.ts'

interface FailedResponse {
  /** The response as far as it is known, in the form of the API. */
  readonly response: object
  readonly envelope: ErrorEnvelope
  /** The stream's next `sequence_number`. */
  readonly number: () => number
}

/** The two events that end a broken stream of the Responses API: clients read one or the other. */
export function failedResponseFrames({ response, envelope: { error }, number }: FailedResponse): string {
  const { code, message, param } = error
  const failed = { ...response, status: 'failed', error: { code, message } }
  const events = [
    { type: 'response.failed', sequence_number: number(), response: failed },
    { type: 'error', sequence_number: number(), code, message, param, error },
  ]
  return events.map(eventFrame).join('')
}
