import { GatewayError } from '../../gateway-error.ts'
import type { LocalContinuation, LocalPair } from '../../steer/local-pair.ts'

/** The same pair, until steering ends to save money: then it fails with `budget_spent`. */
export function pairWithinBudget(pair: LocalPair, cost: { readonly endsSteering: boolean }): LocalPair {
  const within = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (!cost.endsSteering) return work()
    throw new GatewayError(
      'budget_spent',
      'Steering was ended to stay within the budget. Raise it in the configuration.',
    )
  }
  return {
    contextTokens: pair.contextTokens,
    ...(pair.passes === undefined ? {} : { passes: pair.passes }),
    open: (prompts) =>
      within(async () => {
        const opened = await pair.open(prompts)
        return {
          root: opened.root,
          prefill: opened.prefill,
          feed: (from, tokens) => within(() => opened.feed(from, tokens)),
          feedTree: (tokens) => within(() => opened.feedTree(tokens)),
          retain: (row) => opened.retain(row),
          close: () => opened.close(),
        } satisfies LocalContinuation
      }),
    close: () => pair.close(),
  }
}
