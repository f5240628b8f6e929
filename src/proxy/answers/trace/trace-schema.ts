// This room owns what a traced answer tells beside its text, on the wire and for those who show it: the page
// and the command line import it. Only trace-object.ts may know the gateway's events.
import { z } from '@hono/zod-openapi'
import { privateKinds } from '../../../guard/private-value.ts'

const namedTokenSchema = z.object({
  id: z.int(),
  text: z.string().describe('The bytes as UTF-8; parts of characters become U+FFFD.'),
})

const spanSchema = z
  .object({ startMs: z.number(), endMs: z.number() })
  .describe('Milliseconds since the answer began.')

const tokenTraceSchema = z.object({
  type: z.literal('token-trace'),
  choice: z.int(),
  position: z.int().describe('Index of the emitted token, from 0.'),
  token: namedTokenSchema,
  upstream: z
    .array(namedTokenSchema.extend({ logprob: z.number() }))
    .readonly()
    .describe("The upstream's likeliest tokens, best first; nats."),
  steered: z
    .array(namedTokenSchema.extend({ logprob: z.number(), delta: z.number() }))
    .readonly()
    .describe('The steered likeliest tokens, best first; nats.'),
  unsteered: namedTokenSchema.describe(
    'What the same draw takes here without the profile; the emitted token where the profile changed nothing.',
  ),
  shift: z
    .number()
    .describe('delta at the emitted token minus delta at the unsteered one, nats; 0 when they are the same.'),
  draft: namedTokenSchema.nullable().describe('The guess that was in flight for this position.'),
  local: spanSchema.nullable().describe('The local forward pass; null when it was part of the prefill.'),
  upstreamQuery: spanSchema,
  emittedMs: z.number(),
})

const upstreamRequestSchema = z.object({
  type: z.literal('upstream-request'),
  choice: z.int(),
  atMs: z
    .number()
    .describe('Milliseconds since the answer began; negative for requests that encode the conversation.'),
  method: z.string().describe('HTTP method, or `EMBEDDED` for a model of this process.'),
  path: z.string(),
  body: z.string().describe('Exactly what was sent.'),
  text: z.string().optional().describe('What the token ids in the body read, where it holds ids only.'),
})

const profileReadSchema = z.object({
  type: z.literal('profile-read'),
  choice: z.int(),
  share: z
    .number()
    .describe('Which share of profile and conversation the local model has read, [0, 1], before it answers.'),
})

const answerViewsSchema = z.object({
  type: z.literal('answer-views'),
  choice: z.int(),
  leakBits: z
    .number()
    .describe('By which the profile made the chosen tokens likelier, in bits: what the choice tells of it.'),
  question: z.string().nullable().describe('The last user message as the upstream read it.'),
  answer: z.string().describe('The answer as the upstream read it: with aliases for private values.'),
  aliases: z
    .array(z.object({ kind: z.enum(privateKinds), value: z.string(), alias: z.string() }))
    .readonly()
    .describe('Private values that stand in question or answer, and what the upstream read instead.'),
})

const answerCostSchema = z
  .object({
    type: z.literal('answer-cost'),
    choice: z.int(),
    amount: z.number().describe("In the currency of the upstream's price."),
    inTokens: z.int().describe('Tokens sent that the service had not read for this answer before.'),
    cachedTokens: z.int().describe('Tokens sent that it had.'),
    outTokens: z.int().describe('Tokens that came back.'),
  })
  .describe('What the whole answer has cost by the end of the choice; for upstreams with a price.')

/** `costeer` of a chunk without choices, in streams of requests with `x-costeer-trace: 1`. */
export const traceObjectSchema = z
  .discriminatedUnion('type', [
    tokenTraceSchema,
    upstreamRequestSchema,
    profileReadSchema,
    answerViewsSchema,
    answerCostSchema,
  ])
  .openapi('Trace')

export type WireTokenTrace = z.infer<typeof tokenTraceSchema>
export type WireUpstreamRequest = z.infer<typeof upstreamRequestSchema>
export type WireAnswerViews = z.infer<typeof answerViewsSchema>
export type WireTrace = z.infer<typeof traceObjectSchema>
