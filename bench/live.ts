import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { timedAnswer } from '../src/cli/bench/timed-answer.ts'
import { serverAt, startBenchGateway } from './live/bench-gateway.ts'
import { type BenchUpstream, knownServer, startLlamaServer, startReplay } from './live/bench-upstream.ts'
import { type BenchPrompt, writeBenchProfiles } from './live/cogenesis-rows.ts'
import { type FirstTokenTimes, firstTokenTimes } from './live/first-token.ts'
import { type InterleavedRun, interleavedRun } from './live/interleaved-run.ts'
import { recordingSchema, startRecorder, type UpstreamRecording } from './live/upstream-recording.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const USAGE = `npm run bench:live -- [options]

Measures the running gateway over real models: lookahead, token by token and the upstream's own stream, in turn. Ends
with 1 when the first two give different texts (of a llama.cpp that is started here: of one that computes one token at a
time, since the values of others depend on what is computed side by side).

  --upstream KIND     llama-cpp, vllm or simulated (default: llama-cpp). Simulated: a real llama.cpp is recorded once,
                      then its answers are replayed at fixed times, as a remote accelerator would give them
  --url URL           a server that runs already (needed for vllm); otherwise llama-server is started
  --llama-server FILE, --upstream-model FILE    program and GGUF file (default: those of the folder LAB)
  --local NAME        the local model (default: qwen2.5-coder-0.5b)
  --prompts-file FILE CoGenesis rows (default: ../shared/data/cogenesis-dev.jsonl)
  --prompts N         prompts (default: 8)
  --tokens N          tokens of each answer (default: 96)
  --relay LIST        round trips to add, ms (default: 0,40,100)
  --step MS           upstream time a token, simulated only (default: 40)
  --slots N           answers that llama.cpp computes side by side (default: 4)
  --recording FILE    keep the recording there, or use the one that is there, simulated only
  --first-token N     also measure the time to first token with N tokens of profile
  --rounds N          rounds of that (default: 3)
  --json FILE         also write the results as JSON: a list of one report, and a second one of the steady llama.cpp`

const commandOptions = {
  upstream: { type: 'string', default: 'llama-cpp' },
  url: { type: 'string' },
  'llama-server': { type: 'string' },
  'upstream-model': { type: 'string' },
  local: { type: 'string', default: 'qwen2.5-coder-0.5b' },
  'prompts-file': { type: 'string', default: '../shared/data/cogenesis-dev.jsonl' },
  prompts: { type: 'string', default: '8' },
  tokens: { type: 'string', default: '96' },
  relay: { type: 'string', default: '0,40,100' },
  step: { type: 'string', default: '40' },
  slots: { type: 'string', default: '4' },
  recording: { type: 'string' },
  'first-token': { type: 'string' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function readOptions() {
  return parseArgs({ options: commandOptions }).values
}
type Options = ReturnType<typeof readOptions>

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  await inTemporaryFolder('costeer-bench-', async (folder) => {
    await mkdir(join(folder, 'profiles'))
    const count = Number(options.prompts)
    const prompts = await writeBenchProfiles(options['prompts-file'], {
      count,
      folder: join(folder, 'profiles'),
    })
    const upstream = await openUpstream(options, prompts, folder)
    let report: Report
    try {
      report = await measure(options, { prompts, upstream, folder })
    } finally {
      await upstream.stop()
    }
    const ownLlama = options.upstream === 'llama-cpp' && options.url === undefined
    const reports = ownLlama ? [report, await compareSteady(options, { prompts, folder })] : [report]
    if (ownLlama || options.upstream === 'simulated') requireSameText(reports.at(-1)?.runs ?? [])
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(reports, null, 2)}\n`)
  })
}

async function openUpstream(
  options: Options,
  prompts: readonly BenchPrompt[],
  folder: string,
): Promise<BenchUpstream> {
  const { url, upstream } = options
  const real = () =>
    url === undefined ? ownServer(options, { steady: false }) : knownServer(url.replace(/\/$/, ''))
  if (upstream === 'llama-cpp') return real()
  if (upstream === 'vllm') {
    if (url === undefined) throw new Error('--upstream vllm needs --url of a running server.')
    return real()
  }
  if (upstream !== 'simulated') throw new Error(`--upstream ${upstream}: llama-cpp, vllm or simulated?`)
  const recording = await storedRecording(options.recording, async () => {
    const server = await real()
    try {
      return await record(options, { server, prompts, folder })
    } finally {
      await server.stop()
    }
  })
  return startReplay(recording, { folder, stepMs: Number(options.step), promptMs: 100 })
}

function ownServer(options: Options, { steady }: { steady: boolean }): Promise<BenchUpstream> {
  return startLlamaServer({
    program: options['llama-server'],
    model: options['upstream-model'],
    threads: availableParallelism(),
    slots: Number(options.slots),
    steady,
  })
}

async function storedRecording(
  file: string | undefined,
  make: () => Promise<UpstreamRecording>,
): Promise<UpstreamRecording> {
  if (file === undefined) return make()
  const stored = await readFile(file, 'utf8').catch(() => null)
  if (stored !== null) return recordingSchema.parse(JSON.parse(stored))
  const recording = await make()
  await writeFile(file, JSON.stringify(recording))
  return recording
}

/** What a real server answers to all prompts, token by token. */
async function record(
  options: Options,
  { server, prompts, folder }: { server: BenchUpstream; prompts: readonly BenchPrompt[]; folder: string },
): Promise<UpstreamRecording> {
  const recorder = await startRecorder(server.url)
  const gateway = await startBenchGateway({
    kind: 'llama-cpp',
    url: recorder.url,
    model: server.model,
    local: options.local,
    roundTrips: [0],
    folder,
  })
  for (const [index, { query, profile }] of prompts.entries()) {
    console.log(`recording answer ${index + 1} of ${prompts.length} …`)
    await timedAnswer(serverAt(gateway.url), {
      model: gateway.modelBehind(0),
      query,
      maxTokens: Number(options.tokens),
      fields: { costeer: { profile, lookahead: 'off' } },
    })
  }
  await gateway.stop()
  await recorder.close()
  return recorder.recording
}

interface Report {
  readonly options: Options
  readonly machine: object
  readonly runs: readonly InterleavedRun[]
  readonly firstToken: FirstTokenTimes | null
}

interface Setup {
  readonly prompts: readonly BenchPrompt[]
  readonly upstream: BenchUpstream
  readonly folder: string
}

async function measure(options: Options, { prompts, upstream, folder }: Setup): Promise<Report> {
  const roundTrips = options.relay.split(',').map(Number)
  const gateway = await startBenchGateway({
    kind: options.upstream === 'vllm' ? 'vllm' : 'llama-cpp',
    url: upstream.url,
    model: upstream.model,
    local: options.local,
    roundTrips,
    folder,
  })
  const runs: InterleavedRun[] = []
  let firstToken: FirstTokenTimes | null = null
  const loadBefore = loadavg()[0]
  try {
    for (const [index, roundTripMs] of roundTrips.entries()) {
      const run = await interleavedRun({
        gateway,
        prompts,
        maxTokens: Number(options.tokens),
        roundTripMs,
        direct: { url: gateway.directUrls[index] ?? '', model: upstream.model },
      })
      printRun(run)
      runs.push(run)
    }
    if (options['first-token'] !== undefined) {
      firstToken = await firstTokenTimes({
        gateway,
        folder,
        roundTripMs: roundTrips[0] ?? 0,
        profileTokens: Number(options['first-token']),
        rounds: Number(options.rounds),
        questions: prompts.map(({ query }) => query),
      })
      console.log('time to first token:', firstToken)
    }
  } finally {
    await gateway.stop()
  }
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model, node: process.version }
  console.log(
    `${machine.cores} cores, ${machine.cpu}, Node ${machine.node}, load ${loadBefore} to ${loadavg()[0]}`,
  )
  return { options, machine, runs, firstToken }
}

/**
 * llama.cpp's values depend on what it computes side by side, so that two answers of one kind
 * differ already. Here it computes token after token, and both kinds must give the same text.
 */
async function compareSteady(
  options: Options,
  { prompts, folder }: Pick<Setup, 'prompts' | 'folder'>,
): Promise<Report> {
  console.log('The same with a llama.cpp that computes one token at a time:')
  const upstream = await ownServer(options, { steady: true })
  try {
    const relay = options.relay.split(',')[0] ?? '0'
    const { 'first-token': _, ...others } = options
    return await measure({ ...others, relay }, { prompts, upstream, folder })
  } finally {
    await upstream.stop()
  }
}

/** Where the upstream answers the same prefix the same each time, both loops have to emit the same text. */
function requireSameText(runs: readonly InterleavedRun[]): void {
  const same = runs.every(({ agreement }) => agreement.identicalTokens === 1)
  console.log(same ? 'The texts are the same.' : 'The texts differ, and must not.')
  if (!same) process.exitCode = 1
}

function printRun({ roundTripMs, modes, agreement, queriesPerToken, accepted }: InterleavedRun): void {
  console.log(`round trip + ${roundTripMs} ms`)
  console.table(
    Object.fromEntries(
      Object.entries(modes).map(([mode, measured]) => [
        mode,
        Object.fromEntries(
          Object.entries(measured).map(([name, value]) => [name, Math.round(value * 10) / 10]),
        ),
      ]),
    ),
  )
  const { lookahead, 'token-by-token': byToken, 'plain stream': plain } = modes
  console.log(
    `lookahead is ${(byToken.msPerToken / lookahead.msPerToken).toFixed(2)}x as fast as token by token and ` +
      `${(plain.msPerToken / lookahead.msPerToken).toFixed(2)}x the plain stream; ` +
      `${queriesPerToken.toFixed(2)} queries a token, ${(100 * accepted).toFixed(0)} % of guesses right`,
  )
  const leads = agreement.leadsAtDifference.map((lead) => lead.toFixed(3)).join(', ')
  console.log(
    `same text: ${agreement.identicalAnswers} answers, ${(100 * agreement.identicalTokens).toFixed(1)} % of tokens` +
      (leads === '' ? '' : `; lead of the token at the first difference: ${leads} nats`),
  )
}

await main()
