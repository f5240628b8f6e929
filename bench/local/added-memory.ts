import { readFile } from 'node:fs/promises'
import { startEngine } from '../../src/slm/engine/engine.ts'
import type { ModelGraph } from '../../src/slm/graph/model-graph.ts'
import { openLocalPair } from '../../src/slm/pair/open-local-pair.ts'
import { openTokenScorer } from '../../src/slm/scorer/token-scorer.ts'
import { madeUpTokens, measuredPair } from './measured-pair.ts'

const PROMPT_TOKENS = 50

/** MiB that stay of this process's memory when a pair, and then a stream of the same graph, have answered. */
export async function addedMemory(graph: ModelGraph, threads: number) {
  const engine = startEngine({ threads })
  const before = await ownMemory()
  const pair = await openLocalPair({ engine, graph, cacheBytes: 0 })
  const prompts = { with: madeUpTokens(PROMPT_TOKENS, 1), without: madeUpTokens(PROMPT_TOKENS, 2) }
  await measuredPair(pair, prompts, { chunk: 1 })
  const withPair = await ownMemory()
  const scorer = await openTokenScorer({ engine, graph, endTokens: [], cacheBytes: 0, sequenceBytes: 0 })
  const { signal } = new AbortController()
  await scorer.distributions({ prefixes: [prompts.with], candidates: 20, signal })
  const withBoth = await ownMemory()
  await engine.close()
  return {
    pairMiB: withPair.total - before.total,
    pairOfNoFileMiB: withPair.ofNoFile - before.ofNoFile,
    bothMiB: withBoth.total - before.total,
    bothOfNoFileMiB: withBoth.ofNoFile - before.ofNoFile,
  }
}

/** Of this process in MiB, each page once, however often it is mapped. Linux only. */
async function ownMemory() {
  const text = await readFile('/proc/self/smaps_rollup', 'utf8')
  const of = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { total: of('Pss'), ofNoFile: of('Anonymous') }
}
