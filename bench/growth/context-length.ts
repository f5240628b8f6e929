import { readEnvironment } from '../../src/environment.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { pullModel } from '../../src/models/pull.ts'
import { startEngine } from '../../src/slm/engine/engine.ts'
import { openLocalPair } from '../../src/slm/pair/open-local-pair.ts'
import { madeUpTokens, measuredPair, REPETITIONS, TOKENS } from '../local/measured-pair.ts'
import { type CurvePoint, type GrowthCurve, MODEL } from './growth-curve.ts'

const contexts = [250, 500, 1000, 2000, 4000]
const quickContexts = [100, 250]

/** The local pair in this process, both of its streams behind a conversation of the same length. */
export const contextLength: GrowthCurve = {
  name: 'context',
  axis: 'tokens of context in each stream',
  async measure({ quick, say }) {
    const engine = startEngine()
    try {
      const graph = await prepareModel(await pullModel(MODEL, { environment: readEnvironment() }))
      const pair = await openLocalPair({ engine, graph, cacheBytes: 0 })
      // What is fed must fit behind the last one.
      const last = pair.contextTokens - REPETITIONS * TOKENS
      const points = quick ? quickContexts : [...contexts, last]
      // Memory that the first pass takes and keeps is no context's.
      await measuredPair(pair, { with: madeUpTokens(500, 3), without: madeUpTokens(500, 4) }, { chunk: 1 })
      const curve: CurvePoint[] = []
      for (const context of points) {
        say(`${context} tokens of context`)
        const idleBytes = process.memoryUsage.rss()
        let residentBytes = 0
        let rowBytes: number | null = null
        const prompts = { with: madeUpTokens(context, 1), without: madeUpTokens(context, 2) }
        const { msPerToken, cpuMsPerToken, prefillMsPerToken } = await measuredPair(pair, prompts, {
          chunk: 1,
          async beforeClose() {
            residentBytes = process.memoryUsage.rss() - idleBytes
            rowBytes = (await engine.usage())?.runningBytes ?? null
          },
        })
        curve.push({
          at: context,
          figures: {
            'step, ms': msPerToken,
            'step, CPU ms': cpuMsPerToken,
            'reading, ms a token': prefillMsPerToken,
            'K/V rows, MiB': rowBytes === null ? null : rowBytes / 2 ** 20,
            'resident memory, MiB more': residentBytes / 2 ** 20,
          },
        })
      }
      return curve
    } finally {
      await engine.close()
    }
  },
}
