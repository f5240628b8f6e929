import { cp, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { holdUps, hostileLine } from './load/hostile-report.ts'
import { type HostileOptions, type HostileResult, hostileRun } from './load/hostile-run.ts'
import { brokenPromises, reportText } from './load/load-report.ts'
import { type LoadOptions, loadRun } from './load/load-run.ts'
import { writeShortProfiles } from './load/short-profiles.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const USAGE = `npm run test:load -- [options]

Many steered answers side by side on the running gateway, with the embedded tiny model as local model: none may fail,
memory has to stay flat, and all have to get on alike. Exits with 1 when a promise is broken.

  --upstream KIND     fast (a process that answers at once; default) or embedded (the tiny model again)
  --seconds N         (default: 300)
  --streams N         clients that ask for one answer after the other (default: 64)
  --tokens N          tokens of each answer (default: 32)
  --profiles LIST     files in profiles/, taken in turn (default: eight short ones that are made up)
  --lookahead MODE    auto (default) or off
  --budget-mb N       memory.budget in MiB (default: the gateway's own)
  --hostile           instead: requests that are meant to hold others up, one kind after the other; how long do
                      others wait for /healthz?
  --guarded           hostile requests of a caller whose profile declares private values
  --at-once N         copies of each hostile request that are under way together (default: 4)
  --only TEXT         hostile requests whose name has TEXT in it
  --json FILE         also write the results as JSON`

/** Of the example profiles, one that declares private values. */
const GUARDED_PROFILE = 'hamish-baird'

const commandOptions = {
  upstream: { type: 'string', default: 'fast' },
  seconds: { type: 'string', default: '300' },
  streams: { type: 'string', default: '64' },
  tokens: { type: 'string', default: '32' },
  profiles: { type: 'string' },
  lookahead: { type: 'string', default: 'auto' },
  'budget-mb': { type: 'string' },
  hostile: { type: 'boolean', default: false },
  guarded: { type: 'boolean', default: false },
  'at-once': { type: 'string', default: '4' },
  only: { type: 'string', default: '' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options: commandOptions })
  if (values.help) return console.log(USAGE)
  const { upstream, lookahead } = values
  if (upstream !== 'fast' && upstream !== 'embedded')
    throw new Error(`--upstream ${upstream}: fast or embedded?`)
  if (lookahead !== 'auto' && lookahead !== 'off') throw new Error(`--lookahead ${lookahead}: auto or off?`)
  await inTemporaryFolder('costeer-load-', async (folder) => {
    const profileFolder = join(folder, 'profiles')
    await cp('profiles', profileFolder, { recursive: true })
    const profiles = values.profiles?.split(',') ?? (await writeShortProfiles(profileFolder))
    const [first = 0] = loadavg()
    console.log(`${availableParallelism()} cores (${cpus()[0]?.model}), load average ${first.toFixed(1)}`)
    const atOnce = Number(values['at-once'])
    const { result, broken } = values.hostile
      ? await hostile({
          upstream,
          folder,
          profile: values.guarded ? GUARDED_PROFILE : (profiles[0] ?? ''),
          atOnce,
          only: values.only,
          guarded: values.guarded,
        })
      : await crowd({
          upstream,
          folder,
          seconds: Number(values.seconds),
          streams: Number(values.streams),
          tokens: Number(values.tokens),
          profiles,
          lookahead,
          ...(values['budget-mb'] !== undefined && {
            budgetBytes: Number(values['budget-mb']) * 2 ** 20,
          }),
        })
    if (values.json !== undefined) await writeFile(values.json, JSON.stringify(result, null, 2))
    for (const promise of broken) console.error(`BROKEN: ${promise}`)
    if (broken.length > 0) process.exitCode = 1
  })
}

interface Outcome {
  readonly result: unknown
  /** A sentence each. */
  readonly broken: readonly string[]
}

async function crowd(options: LoadOptions): Promise<Outcome> {
  const result = await loadRun(options, (line) => console.log(line))
  console.log(reportText(result))
  return { result, broken: brokenPromises(result) }
}

async function hostile(options: HostileOptions): Promise<Outcome> {
  const results: HostileResult[] = []
  await hostileRun(options, (result) => {
    results.push(result)
    console.log(hostileLine(result))
  })
  const [usual] = results
  return { result: results, broken: usual === undefined ? [] : holdUps(results, usual) }
}

await main()
