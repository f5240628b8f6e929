/** What every part of one answer repeats, so that clients can join them. */
export interface AnswerIdentity {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  /** The name that the client sent. */
  readonly model: string
  readonly system_fingerprint: string
}
