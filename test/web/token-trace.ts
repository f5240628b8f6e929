import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'

/** A trace with the parts that a test is about; the rest is plausible. */
export function tokenTrace(text: string, changes: Partial<WireTokenTrace> = {}): WireTokenTrace {
  const token = { id: 5, text }
  return {
    type: 'token-trace',
    choice: 0,
    position: 0,
    token,
    upstream: [{ ...token, logprob: -0.1 }],
    steered: [{ ...token, logprob: -0.1, delta: 0 }],
    unsteered: token,
    shift: 0,
    draft: null,
    local: null,
    upstreamQuery: { startMs: 0, endMs: 10 },
    emittedMs: 10,
    ...changes,
  }
}
