// This room owns the measuring of a gateway that runs: answers timed from outside, compared and summed up. It
// knows nothing of the gateway but its HTTP API.

import { GatewayError } from '../../gateway-error.ts'
import { NO_PROFILE } from '../../profiles/profile.ts'
import type { Ask } from '../gateway-access/running-gateway.ts'
import { type Agreement, agreement, type MeasuredMode, measuredMode } from './measured-mode.ts'
import { type TimedAnswer, timedAnswer } from './timed-answer.ts'

/** The ways to answer: steered with guesses ahead, steered without, and the upstream's own answer. */
export const benchModes = ['lookahead', 'token by token', 'unsteered'] as const
export type BenchMode = (typeof benchModes)[number]

/** Queries in flight at most, of the answers that are measured where answers cost something. */
const measuredInFlight = [1, 2, 4, 8] as const

export interface ModeComparison {
  readonly modes: Readonly<Record<BenchMode, MeasuredMode>>
  /** Lookahead with so many queries in flight; left out at an upstream without a price. */
  readonly inFlight?: Readonly<Record<number, MeasuredMode>>
  /** Lookahead against token by token, whose texts are the same. */
  readonly agreement: Agreement
}

export interface ComparisonOptions {
  readonly model: string
  /** Undefined leaves it to the gateway. */
  readonly profile: string | undefined
  readonly prompts: readonly string[]
  /** At least 2. */
  readonly maxTokens: number
  readonly onPrompt?: (index: number) => void
}

/** A few tokens of each way, after which prompts and profile are computed on both sides. */
const WARMING_TOKENS = 2

/**
 * Answers every prompt in each way, beginning with another one each time, so that whatever else the machine
 * does meets all of them. Rejects with GatewayError, also when the caller's answers are not steered.
 */
export async function compareModes(ask: Ask, options: ComparisonOptions): Promise<ModeComparison> {
  const { prompts, maxTokens, onPrompt } = options
  const answers: Record<BenchMode, TimedAnswer[]> = {
    lookahead: [],
    'token by token': [],
    unsteered: [],
  }
  for (const [index, query] of prompts.entries()) {
    onPrompt?.(index)
    for (const mode of benchModes) await answer(ask, options, { query, mode, maxTokens: WARMING_TOKENS })
    for (let turn = 0; turn < benchModes.length; turn++) {
      const mode = benchModes[(index + turn) % benchModes.length] ?? 'lookahead'
      answers[mode].push(await answer(ask, options, { query, mode, maxTokens }))
    }
  }
  if (benchModes.some((mode) => answers[mode].every(({ tokens }) => tokens.length < 2))) {
    const message = 'The answers are too short to be measured. Ask for something longer.'
    throw new GatewayError('invalid_request', message)
  }
  const priced = answers.lookahead.some(({ cost }) => cost !== null)
  return {
    modes: {
      lookahead: measuredMode(answers.lookahead),
      'token by token': measuredMode(answers['token by token']),
      unsteered: measuredMode(answers.unsteered),
    },
    ...(priced ? { inFlight: await byInFlight(ask, options) } : {}),
    agreement: agreement(
      answers['token by token'].map(({ tokens }) => tokens),
      answers.lookahead.map(({ tokens }) => tokens),
    ),
  }
}

/** Every prompt with each number of queries in flight, of which more are quicker and cost more. */
async function byInFlight(ask: Ask, options: ComparisonOptions): Promise<Record<number, MeasuredMode>> {
  const { prompts, maxTokens } = options
  const answers = measuredInFlight.map((): TimedAnswer[] => [])
  for (const query of prompts) {
    for (const [at, lookahead] of measuredInFlight.entries())
      answers[at]?.push(await answer(ask, options, { query, mode: 'lookahead', maxTokens, lookahead }))
  }
  return Object.fromEntries(measuredInFlight.map((count, at) => [count, measuredMode(answers[at] ?? [])]))
}

interface OneAnswer {
  readonly query: string
  readonly mode: BenchMode
  readonly maxTokens: number
  /** Queries in flight at most; left to the gateway where it is left out. */
  readonly lookahead?: number
}

async function answer(
  ask: Ask,
  { model, profile }: ComparisonOptions,
  { query, mode, maxTokens, lookahead }: OneAnswer,
): Promise<TimedAnswer> {
  const costeer =
    mode === 'unsteered'
      ? { profile: NO_PROFILE }
      : { profile, lookahead: mode === 'lookahead' ? lookahead : 'off' }
  const timed = await timedAnswer(ask, { model, query, maxTokens, fields: { costeer } })
  if (mode !== 'unsteered') checkSteered(timed)
  return timed
}

function checkSteered({ steering }: TimedAnswer): void {
  if (steering?.startsWith('on') === true) return
  const message = `The answers are not steered (${steering ?? 'this server is no gateway'}): name a profile with --profile.`
  throw new GatewayError('invalid_request', message)
}
