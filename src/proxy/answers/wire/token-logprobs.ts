import { z } from '@hono/zod-openapi'
import type { LogprobReport, TokenReport } from '../../../gateway/answer.ts'

const tokenLogprobSchema = z.object({
  token: z.string().describe('The bytes as UTF-8; parts of characters become U+FFFD.'),
  logprob: z.number().describe('Nats, under the steered distribution at temperature 1.'),
  bytes: z.array(z.int()).describe("The token's own bytes."),
})

/** A token of an answer, in the shape of chat and responses. */
export const reportedTokenSchema = tokenLogprobSchema.extend({ top_logprobs: z.array(tokenLogprobSchema) })

export type ReportedToken = z.infer<typeof reportedTokenSchema>

/** What OpenAI reports for tokens that are out of reach; JSON has no -Infinity. */
export const LOWEST_LOGPROB = -9999

const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** A token with its alternatives, on the wire; log-probabilities in nats, at least `LOWEST_LOGPROB`. */
export function reportedToken(report: TokenReport): ReportedToken {
  return { ...tokenLogprob(report), top_logprobs: report.alternatives.map(tokenLogprob) }
}

function tokenLogprob({ bytes, logprob }: LogprobReport): z.infer<typeof tokenLogprobSchema> {
  return {
    token: lossyUtf8.decode(bytes),
    logprob: Math.max(logprob, LOWEST_LOGPROB),
    bytes: Array.from(bytes),
  }
}
