// This room owns what steps of a local pair cost. It must not know which models are compared, nor with what.

import type { LocalPair, LocalPrompts } from '../../src/steer/local-pair.ts'
import { type TokenId, tokenId } from '../../src/steer/token-id.ts'

export interface PairFigures {
  readonly msPerToken: number
  /** Of all cores: what a busy machine changes least. */
  readonly cpuMsPerToken: number
  readonly prefillMsPerToken: number
}

export interface MeasuredPairOptions {
  /** Tokens fed together. */
  readonly chunk: number
  /** Called after the last step, while the pair's caches are full. */
  readonly beforeClose?: () => Promise<void>
}

export const REPETITIONS = 5
/** Tokens of one repetition. */
export const TOKENS = 16

/** Reads both prompts, and feeds tokens: the best repetition, which other programs have disturbed least. */
export async function measuredPair(
  pair: LocalPair,
  prompts: Pick<LocalPrompts, 'with' | 'without'>,
  { chunk, beforeClose }: MeasuredPairOptions,
): Promise<PairFigures> {
  const started = performance.now()
  const { signal } = new AbortController()
  const continuation = await pair.open({ ...prompts, strength: 1, signal })
  const opened = performance.now()
  let row = continuation.root
  let msPerToken = Number.POSITIVE_INFINITY
  let cpuMsPerToken = Number.POSITIVE_INFINITY
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const before = performance.now()
    const cpu = process.cpuUsage()
    for (let done = 0; done < TOKENS; done += chunk) {
      row = (await continuation.feed(row, madeUpTokens(chunk, done + repetition))).at(-1) ?? row
      continuation.retain(row)
    }
    msPerToken = Math.min(msPerToken, (performance.now() - before) / TOKENS)
    const { user, system } = process.cpuUsage(cpu)
    cpuMsPerToken = Math.min(cpuMsPerToken, (user + system) / 1000 / TOKENS)
  }
  await beforeClose?.()
  continuation.close()
  return {
    msPerToken,
    cpuMsPerToken,
    prefillMsPerToken: (opened - started) / (prompts.with.length + prompts.without.length),
  }
}

/** Ordinary tokens that make no text; others for each seed. */
export function madeUpTokens(count: number, seed: number): TokenId[] {
  return Array.from({ length: count }, (_, index) => tokenId(100 + ((index * 7919 + seed) % 20_000)))
}
