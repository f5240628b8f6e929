// This room owns the parts of replies that endpoints share: their schemas, and how they are made of the
// gateway's events. It must not know any one endpoint.
import { z } from '@hono/zod-openapi'

/** What every part of one answer repeats, so that clients can join them. */
export const identityFields = {
  id: z.string(),
  created: z.int().describe('Unix seconds.'),
  model: z.string().describe('The name that the client sent.'),
  system_fingerprint: z.string(),
}

export type AnswerIdentity = {
  readonly [Field in keyof typeof identityFields]: z.infer<(typeof identityFields)[Field]>
}

/** The keys at the head of a reply or chunk, in OpenAI's order. */
export function replyHead<Type extends string>(
  object: Type,
  { id, created, model, system_fingerprint }: AnswerIdentity,
) {
  return { id, object, created, model, system_fingerprint }
}
