// This room owns answers of a gateway that runs before a real server, or before a recording of one: ways to
// ask that take turns, across a network of any length. It knows nothing of the gateway but its HTTP API.

import {
  type Agreement,
  agreement,
  type MeasuredMode,
  measuredMode,
} from '../../src/cli/bench/measured-mode.ts'
import { type TimedToken, timedAnswer } from '../../src/cli/bench/timed-answer.ts'
import { type BenchGateway, serverAt } from './bench-gateway.ts'
import type { BenchPrompt } from './cogenesis-rows.ts'

const modes = ['lookahead', 'token-by-token', 'plain stream'] as const
type Mode = (typeof modes)[number]

export interface InterleavedRun {
  readonly roundTripMs: number
  readonly modes: Readonly<Record<Mode, MeasuredMode>>
  /** Token by token against lookahead. */
  readonly agreement: Agreement
  /** Of lookahead, for each steered token. */
  readonly queriesPerToken: number
  /** Share of the guesses in flight that came true. */
  readonly accepted: number
}

export interface RunOptions {
  readonly gateway: BenchGateway
  readonly prompts: readonly BenchPrompt[]
  readonly maxTokens: number
  readonly roundTripMs: number
  /** The upstream itself behind the same round trip, with /v1, and its model's name there. */
  readonly direct: { readonly url: string; readonly model: string }
  readonly onAnswer?: (mode: Mode, tokens: readonly TimedToken[]) => void
}

/**
 * Answers every prompt in the three ways in turn, beginning with another one each time,
 * after one short answer that warms caches.
 */
export async function interleavedRun(options: RunOptions): Promise<InterleavedRun> {
  const { gateway, prompts, roundTripMs } = options
  const answers: Record<Mode, (readonly TimedToken[])[]> = {
    lookahead: [],
    'token-by-token': [],
    'plain stream': [],
  }
  const counts = { queries: 0, accepted: 0, rejected: 0, tokens: 0 }
  for (const [index, prompt] of prompts.entries()) {
    for (const mode of modes) await answer({ ...options, maxTokens: 2 }, prompt, mode)
    for (let turn = 0; turn < modes.length; turn++) {
      const mode = modes[(index + turn) % modes.length] ?? 'lookahead'
      const before = await gateway.metrics()
      const tokens = await answer(options, prompt, mode)
      answers[mode].push(tokens)
      options.onAnswer?.(mode, tokens)
      if (mode !== 'lookahead') continue
      const after = await gateway.metrics()
      const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
      counts.queries += grown('costeer_upstream_queries_total')
      counts.accepted += grown('costeer_guesses_total{outcome="accepted"}')
      counts.rejected += grown('costeer_guesses_total{outcome="rejected"}')
      counts.tokens += grown('costeer_tokens_total{kind="steered"}')
    }
  }
  return {
    roundTripMs,
    modes: {
      lookahead: measuredMode(answers.lookahead.map(unpriced)),
      'token-by-token': measuredMode(answers['token-by-token'].map(unpriced)),
      'plain stream': measuredMode(answers['plain stream'].map(unpriced)),
    },
    agreement: agreement(answers['token-by-token'], answers.lookahead),
    queriesPerToken: counts.queries / counts.tokens,
    accepted: counts.accepted / (counts.accepted + counts.rejected),
  }
}

async function answer(
  { gateway, maxTokens, roundTripMs, direct }: RunOptions,
  { query, profile }: BenchPrompt,
  mode: Mode,
): Promise<readonly TimedToken[]> {
  if (mode === 'plain stream') {
    return (await timedAnswer(serverAt(direct.url), { model: direct.model, query, maxTokens })).tokens
  }
  const lookahead = mode === 'lookahead' ? 'auto' : 'off'
  const { tokens } = await timedAnswer(serverAt(gateway.url), {
    model: gateway.modelBehind(roundTripMs),
    query,
    maxTokens,
    fields: { costeer: { profile, lookahead } },
  })
  return tokens
}

function unpriced(tokens: readonly TimedToken[]) {
  return { tokens, cost: null }
}
