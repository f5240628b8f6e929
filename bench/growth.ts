import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { callerCount } from './growth/caller-count.ts'
import { candidateCount } from './growth/candidate-count.ts'
import { contextLength } from './growth/context-length.ts'
import type { GrowthCurve } from './growth/growth-curve.ts'
import { growthOf, growthTable } from './growth/growth-table.ts'
import { profileCount } from './growth/profile-count.ts'
import { profileLength } from './growth/profile-length.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const curves: readonly GrowthCurve[] = [
  profileLength,
  contextLength,
  callerCount,
  candidateCount,
  profileCount,
]

const USAGE = `npm run bench:growth -- [options]

How cost grows, with the small model that comes with the gateway: with the profile's length, the context, the callers,
the candidates and the profile files. A quarter of an hour on two cores that do nothing else. Below each curve stand
the power of its growth (1: as fast as what grows), and the line through it: something fixed, and something for each.

  --only LIST    ${curves.map(({ name }) => name).join(', ')} (default: all)
  --quick        two small points of each, to see that it runs
  --json FILE    also write everything as JSON`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const chosen = (values.only?.split(',') ?? curves.map(({ name }) => name)).map(curveNamed)
  const [load = 0] = loadavg()
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.version}`
  console.log(`${machine}, load average ${load.toFixed(1)}`)
  const measured: object[] = []
  for (const { name, axis, measure } of chosen) {
    const before = performance.now()
    await inTemporaryFolder('costeer-growth-', async (folder) => {
      const say = (line: string) => console.error(`${name}: ${line}`)
      const points = await measure({ quick: values.quick, folder, say })
      const seconds = (performance.now() - before) / 1000
      console.log(`\n${name} (${seconds.toFixed(0)} s)\n\n${growthTable(axis, points)}`)
      measured.push({ name, axis, seconds, points, growth: growthOf(points) })
    })
  }
  if (values.json === undefined) return
  const date = new Date().toISOString()
  await writeFile(values.json, `${JSON.stringify({ machine, load, date, curves: measured }, null, 2)}\n`)
}

function curveNamed(name: string): GrowthCurve {
  const curve = curves.find((one) => one.name === name)
  if (curve === undefined)
    throw new Error(`--only ${name}: one of ${curves.map((one) => one.name).join(', ')}?`)
  return curve
}

await main()
