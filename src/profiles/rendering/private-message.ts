/**
 * A message that tells of a profile: for the local model alone, and never to be logged. It is no
 * `ChatMessage`, so that the compiler refuses to hand it to an upstream.
 */
export interface PrivateMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
}
