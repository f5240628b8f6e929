import type { LogprobReport, TokenReport } from '../../../gateway/answer.ts'
import type { ChoiceLogprobs, ReportedToken, WireTokenLogprob } from '../chat/chat-response-schema.ts'

/** What OpenAI reports for tokens that are out of reach; JSON has no -Infinity. */
export const LOWEST_LOGPROB = -9999

const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** `logprobs` of one choice or chunk. */
export function choiceLogprobs(tokens: readonly TokenReport[]): ChoiceLogprobs {
  return {
    content: tokens.map(reportedToken),
    refusal: null,
  }
}

function reportedToken(report: TokenReport): ReportedToken {
  return {
    ...tokenLogprob(report),
    top_logprobs: report.alternatives.map(tokenLogprob),
  }
}

function tokenLogprob({ bytes, logprob }: LogprobReport): WireTokenLogprob {
  return {
    token: lossyUtf8.decode(bytes),
    logprob: Math.max(logprob, LOWEST_LOGPROB),
    bytes: Array.from(bytes),
  }
}
