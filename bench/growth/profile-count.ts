import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../../src/cli/bench/quantile.ts'
import { residentBytes } from '../load/memory-trend.ts'
import { writeShortProfile, writeShortProfiles } from '../load/short-profiles.ts'
import { type GatewayProcess, startFastUpstream, startGateway } from '../programs/gateway-process.ts'
import { processorMs } from '../programs/processor-time.ts'
import { type CurvePoint, type GrowthCurve, MODEL } from './growth-curve.ts'

const counts = [1, 10, 100, 1000, 10_000]
const quickCounts = [1, 20]
const whole = { starts: 2, reloads: 5 } as const
const once = { starts: 1, reloads: 1 } as const
const PAUSE_MS = 5
/** What a start does behind its announcement. */
const SETTLING_MS = 2_000

interface Reload {
  readonly ms: number
  /** Of the gateway; null where the system does not tell. */
  readonly cpuMs: number | null
}

/** A gateway over a folder of short profiles: its start, and until a file that changes is what it serves. */
export const profileCount: GrowthCurve = {
  name: 'profiles',
  axis: 'profile files',
  async measure({ quick, folder, say }) {
    const fast = await startFastUpstream(MODEL)
    const curve: CurvePoint[] = []
    try {
      for (const count of quick ? quickCounts : counts) {
        say(`${count} profile files`)
        const own = join(folder, String(count))
        await mkdir(join(own, 'profiles'), { recursive: true })
        await writeShortProfiles(join(own, 'profiles'), count)
        curve.push({ at: count, figures: await measured(own, fast.url, quick ? once : whole) })
      }
    } finally {
      await fast.stop()
    }
    return curve
  },
}

async function measured(
  folder: string,
  upstreamUrl: string,
  rounds: { readonly starts: number; readonly reloads: number },
): Promise<CurvePoint['figures']> {
  const starts: number[] = []
  const memory: number[] = []
  const reloads: Reload[] = []
  for (let start = 0; start < rounds.starts; start++) {
    const before = performance.now()
    const gateway = await startGateway(
      {
        server: { port: 0, log_level: 'error' },
        local: { model: MODEL },
        upstreams: { large: { kind: 'llama-cpp', url: upstreamUrl, candidates: 100 } },
        models: { names: { costeer: 'large' } },
        profiles: { folder: 'profiles', warm: false },
      },
      { folder, logged: true },
    )
    starts.push(performance.now() - before)
    try {
      await sleep(SETTLING_MS)
      memory.push(await residentBytes(gateway.pid))
      if (start === 0)
        for (let round = 0; round < rounds.reloads; round++)
          reloads.push(await reloaded(gateway, folder, round))
    } finally {
      await gateway.stop()
    }
  }
  const cpuMs = reloads.map((reload) => reload.cpuMs)
  return {
    'start, ms': Math.min(...starts),
    'resident memory, MiB': Math.min(...memory) / 2 ** 20,
    'reload, ms': quantile(
      reloads.map(({ ms }) => ms),
      0.5,
    ),
    'reload, CPU ms': cpuMs.includes(null) ? null : quantile(cpuMs as number[], 0.5),
  }
}

/** Writes a profile anew, and waits until its preview holds what is new. */
async function reloaded(gateway: GatewayProcess, folder: string, round: number): Promise<Reload> {
  const isNew = `Owns ${round + 1000} lighthouses.`
  const cpuBefore = await processorMs(gateway.pid)
  const before = performance.now()
  const id = await writeShortProfile(join(folder, 'profiles'), 0, [isNew])
  const preview = `${gateway.url.replace(/\/v1$/, '')}/costeer/v1/profiles/${id}/preview`
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"Hi"}' }
  for (;;) {
    const response = await fetch(preview, request)
    const text = await response.text()
    if (!response.ok) throw new Error(`the preview answered HTTP ${response.status}: ${text}`)
    if (text.includes(isNew)) break
    await sleep(PAUSE_MS)
  }
  const ms = performance.now() - before
  const cpuAfter = await processorMs(gateway.pid)
  return { ms, cpuMs: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore }
}
