import type { Distribution } from '../distribution.ts'
import type { TokenId } from '../token-id.ts'

/**
 * What choosing a token tells whoever knows the upstream's distribution, in bits: how much likelier it was
 * made, as a logarithm. Below zero for a token that became less likely; never so in the mean.
 */
export function leakedBits(
  { ids, logprobs }: Distribution,
  { token, logprob }: { readonly token: TokenId; readonly logprob: number },
): number {
  const at = ids.indexOf(token)
  return at < 0 ? 0 : (logprob - (logprobs[at] as number)) / Math.LN2
}

/** The share of the strength that is left once `spent` bits of a budget are, [0, 1]: it falls evenly. */
export function strengthShare(spent: number, budgetBits: number | null): number {
  if (budgetBits === null) return 1
  return Math.min(1, Math.max(0, 1 - spent / budgetBits))
}
