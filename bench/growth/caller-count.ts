import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile } from '../../src/cli/bench/quantile.ts'
import { loadFigures } from '../load/load-report.ts'
import { loadRun } from '../load/load-run.ts'
import { writeShortProfiles } from '../load/short-profiles.ts'
import type { CurvePoint, GrowthCurve } from './growth-curve.ts'

const counts = [1, 4, 16, 64, 256]
const quickCounts = [1, 4]
const SECONDS = 30
/** Until the first answers of more callers than so many have begun, which takes longer. */
const CROWD = 64
const CROWD_SECONDS = 60
const QUICK_SECONDS = 2
const TOKENS = 16

/** Clients as those of the load test, each with one answer after the other, on a gateway of their own. */
export const callerCount: GrowthCurve = {
  name: 'callers',
  axis: 'callers',
  async measure({ quick, folder, say }) {
    await mkdir(join(folder, 'profiles'))
    const profiles = await writeShortProfiles(join(folder, 'profiles'))
    const curve: CurvePoint[] = []
    for (const streams of quick ? quickCounts : counts) {
      say(`${streams} callers`)
      const seconds = quick ? QUICK_SECONDS : streams > CROWD ? CROWD_SECONDS : SECONDS
      const shared = { upstream: 'fast', lookahead: 'auto', tokens: TOKENS } as const
      const result = await loadRun({ ...shared, folder, seconds, streams, profiles }, say)
      const { failures, tokensPerSecond, firstTokenMs, waitsMs, cpuMsPerToken, trend } = loadFigures(result)
      if (failures.length > 0) throw new Error(`${failures.length} answers failed: ${failures[0]}`)
      curve.push({
        at: streams,
        figures: {
          'tokens/s in all': tokensPerSecond,
          'CPU ms a token': tokensPerSecond > 0 ? cpuMsPerToken : null,
          'first token p50, ms': quantile(firstTokenMs, 0.5),
          'first token p99, ms': quantile(firstTokenMs, 0.99),
          'between tokens p50, ms': quantile(waitsMs, 0.5),
          'between tokens p99, ms': quantile(waitsMs, 0.99),
          'resident memory at most, MiB': trend.peakBytes / 2 ** 20,
        },
      })
    }
    return curve
  },
}
