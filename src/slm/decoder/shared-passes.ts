import { PAIRS_TOGETHER } from '../graph/decoder-graph.ts'
import { isTree, type PairDecoder, type PairOutputs, type PairStep, type TreeRows } from './decoder.ts'

/** A pass for PAIRS_TOGETHER pairs takes its time even where fewer use it: two are as quick one by one. */
const FEWEST_TOGETHER = 3

interface Asked {
  readonly step: PairStep
  readonly resolve: (rows: PairOutputs) => void
  readonly reject: (error: unknown) => void
}

/** The decoder, whose steps share a pass where several are asked for in one turn of the event loop. */
export function sharedPasses(decoder: PairDecoder): PairDecoder {
  const { runTree, runTogether } = decoder
  if (runTree === undefined || runTogether === undefined) return decoder
  let asked: Asked[] = []

  const passes = async (): Promise<void> => {
    const all = asked
    asked = []
    for (let at = 0; at < all.length; at += PAIRS_TOGETHER) {
      const shared = all.slice(at, at + PAIRS_TOGETHER)
      if (shared.length >= FEWEST_TOGETHER) await together(shared)
      else for (const one of shared) await alone(one)
    }
  }
  const alone = async ({ step, resolve, reject }: Asked): Promise<void> => {
    await (isTree(step) ? runTree(step) : decoder.run(step)).then(resolve, reject)
  }
  const together = async (shared: readonly Asked[]): Promise<void> => {
    try {
      const rows = await runTogether(shared.map(({ step }) => step))
      for (const [index, { resolve }] of shared.entries()) resolve(rows[index] as TreeRows)
    } catch (error) {
      for (const { reject } of shared) reject(error)
    }
  }
  const ask = (step: PairStep): Promise<PairOutputs> =>
    new Promise((resolve, reject) => {
      asked.push({ step, resolve, reject })
      if (asked.length === 1) setImmediate(passes)
    })
  return { ...decoder, run: ask, runTree: (step) => ask(step) as Promise<TreeRows> }
}
