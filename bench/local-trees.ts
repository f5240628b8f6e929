import { parseArgs } from 'node:util'
import { readEnvironment } from '../src/environment.ts'
import { prepareModel } from '../src/models/prepare-model.ts'
import { pullModel } from '../src/models/pull.ts'
import { coreCount } from '../src/slm/engine/core-count.ts'
import { startEngine } from '../src/slm/engine/engine.ts'
import { openLocalPair } from '../src/slm/pair/open-local-pair.ts'
import type { LocalPair, LocalRow, TreeToken } from '../src/steer/local-pair.ts'
import { tokenChain } from '../src/steer/token-chain.ts'
import { type TokenId, tokenId } from '../src/steer/token-id.ts'

const HELP = `Measures what a local pass over several tokens costs, as a chain, as siblings and as three branches, and each further
token as a share of a pass over one: the number that bench:lookahead takes as --chunk-share.

  node dist-bench/bench/local-trees.js [--model NAME] [--threads N] [--rounds N]`

/** Prompt tokens. */
const WITH = 1570
const WITHOUT = 350
const sizes = [1, 2, 3, 4, 6, 8]
const BRANCHES = 3

type Shape = (from: LocalRow, tokens: readonly TokenId[]) => TreeToken[]

const shapes: Readonly<Record<string, Shape>> = {
  chain: tokenChain,
  siblings: (parent, tokens) => tokens.map((token) => ({ parent, token })),
  branches: (from, tokens) =>
    tokens.map((token, index) => ({ parent: index < BRANCHES ? from : index - BRANCHES, token })),
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'qwen2.5-coder-0.5b' },
      threads: { type: 'string', default: String(coreCount()) },
      rounds: { type: 'string', default: '15' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const model = await pullModel(values.model, { environment: readEnvironment() })
  const engine = startEngine({ threads: Number(values.threads) })
  const pair = await openLocalPair({ engine, graph: await prepareModel(model), cacheBytes: 0 })
  console.table(await measure(pair, Number(values.rounds)))
  await engine.close()
}

/**
 * The best round of each kind of pass, which other programs have disturbed least; rounds
 * of all kinds take turns.
 */
async function measure(pair: LocalPair, rounds: number) {
  const { signal } = new AbortController()
  const prompts = { with: someTokens(WITH, 1), without: someTokens(WITHOUT, 2) }
  const continuation = await pair.open({ ...prompts, strength: 1, signal })
  const passes = Object.entries(shapes).flatMap(([name, shape]) =>
    sizes.map((size) => ({ name, shape, size, ms: Number.POSITIVE_INFINITY })),
  )
  let row = continuation.root
  for (let round = 0; round < rounds; round++) {
    for (const [index, pass] of passes.entries()) {
      const tree = pass.shape(row, someTokens(pass.size, round + index))
      const before = performance.now()
      await continuation.feedTree(tree)
      pass.ms = Math.min(pass.ms, performance.now() - before)
    }
    row = (await continuation.feed(row, someTokens(1, round)))[0] ?? row
    continuation.retain(row)
  }
  continuation.close()
  return passes.map(({ name, size, ms }) => {
    const single = passes.find((pass) => pass.name === name && pass.size === 1)?.ms ?? Number.NaN
    return {
      shape: name,
      tokens: size,
      ms: Number(ms.toFixed(1)),
      share: size === 1 ? null : Number(((ms / single - 1) / (size - 1)).toFixed(2)),
    }
  })
}

function someTokens(count: number, seed: number): TokenId[] {
  return Array.from({ length: count }, (_, index) => tokenId(100 + ((index * 7919 + seed * 31) % 20_000)))
}

await main()
