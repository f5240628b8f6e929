/** Sequences of which each is the start of the next one: one forward pass scores them all. */
export interface ScoreChain {
  /** The longest sequence. */
  readonly tokens: Int32Array
  /** Which queries end where, by rising length. */
  readonly ends: readonly { readonly length: number; readonly query: number }[]
}

/** Groups queries into chains, so that no shared token is computed for one that another one continues. */
export function scoreChains(queries: readonly Int32Array[]): ScoreChain[] {
  const longestFirst = queries.map((tokens, query) => ({ tokens, query }))
  longestFirst.sort((a, b) => b.tokens.length - a.tokens.length)
  const chains: { tokens: Int32Array; ends: { length: number; query: number }[] }[] = []
  for (const { tokens, query } of longestFirst) {
    const end = { length: tokens.length, query }
    const chain = chains.find((other) => startsWith(other.tokens, tokens))
    if (chain) chain.ends.unshift(end)
    else chains.push({ tokens, ends: [end] })
  }
  return chains
}

function startsWith(tokens: Int32Array, start: Int32Array): boolean {
  for (let index = 0; index < start.length; index++) if (tokens[index] !== start[index]) return false
  return true
}
