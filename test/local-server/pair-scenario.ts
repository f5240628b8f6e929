import type { Guess, LocalPair, LocalRow } from '../../src/steer/local-pair.ts'
import { type TokenId, tokenIds } from '../../src/steer/token-id.ts'

/** Asked of each stream in the recording. */
export const RECORDED_CANDIDATES = 12

export interface PairOutcome {
  readonly prefill: { readonly cachedTokens: number; readonly computedTokens: number }
  readonly steps: readonly {
    readonly depth: number
    readonly publicGuesses: readonly Guess[]
    readonly privateGuesses: readonly Guess[]
    /** Less the neutral one, at the public guesses. */
    readonly deltas: readonly number[]
  }[]
}

/** The calls that are recorded and replayed: two prompts, a chain, and a branch above its end. */
export async function playPair(
  pair: LocalPair,
  encode: (text: string) => readonly number[],
): Promise<PairOutcome> {
  const local = await pair.open({
    with: tokenIds(encode('Ada keeps bees in Wales. Asked what she does all day, she says: "I')),
    without: tokenIds(encode('Asked what she does all day, she says: "I')),
    strength: 1,
    signal: new AbortController().signal,
  })
  const chain = await local.feed(local.root, tokenIds(encode(' keep the')))
  const branch = await local.feedTree([
    { parent: chain[0] as LocalRow, token: encode(' 🐝')[0] as TokenId },
    { parent: 0, token: encode(' 🐝')[1] as TokenId },
  ])
  local.close()
  const steps = [local.root, ...chain, ...branch].map((row) => {
    const { depth, publicGuesses, privateGuesses, neutralDelta } = row
    const values = new Float64Array(publicGuesses.length)
    row.deltasInto(
      Int32Array.from(publicGuesses, ({ token }) => token),
      values,
    )
    return { depth, publicGuesses, privateGuesses, deltas: [...values].map((value) => value - neutralDelta) }
  })
  return { prefill: local.prefill, steps }
}
