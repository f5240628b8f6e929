import type { ErrorCode } from '../errors/error-table.ts'

/**
 * Everything that is kept about one request: names of ours, counts and times, and never any text of the
 * client.
 */
export interface RequestRecord {
  readonly requestId: string
  readonly method: string
  /** The route's pattern, or `unmatched`. */
  readonly route: string
  readonly status: number
  /** Set when the request failed, also when that was after the first byte of a stream. */
  readonly error: ErrorCode | null
  readonly durationMs: number
  readonly steering: 'on' | 'off' | 'bypassed' | 'none'
  /** Set once a request for an answer was accepted by the gateway. */
  readonly answer: AnswerRecord | null
}

/**
 * What its sender may know of a request besides, and neither log nor metrics: still no text of a conversation
 * or a profile.
 */
export interface RequestDetail {
  /** An id of the gateway's own model list, or `other`; null for a request that was refused before. */
  readonly model: string | null
  /** The id of the profile that steered the answer. */
  readonly profile: string | null
  /** Why no profile did. */
  readonly reason: string | null
  /** In the currency of the upstream's price. */
  readonly cost: number | null
  /** The error's sentence, as the client got it. */
  readonly message: string | null
}

export interface AnswerRecord {
  /** An id of the gateway's own model list, or `other`. */
  readonly model: string
  readonly stream: boolean
  readonly steering: 'on' | 'off' | 'bypassed'
  readonly choices: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** From the request's arrival to its first text; null when there was none. */
  readonly firstTextMs: number | null
  /** From the first text to the end of the last choice. */
  readonly decodeMs: number | null
}
