import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { stringify } from 'yaml'
import { z } from 'zod'
import { readDataset } from '../src/evaluation/dataset/read-dataset.ts'
import { type Attribute, attributes, isGuessed, riddleOf } from './leak/attribute-attack.ts'
import { LeakLog } from './leak/leak-log.ts'
import { leakReport } from './leak/leak-report.ts'
import { measureLikelihoods } from './leak/likelihood-run.ts'
import { type PrivateRow, privateRow, tellingRows } from './leak/private-row.ts'
import { type SentRecorder, startSentRecorder } from './leak/sent-recorder.ts'
import { knownServer, startLlamaServer } from './live/bench-upstream.ts'
import { startGateway } from './programs/gateway-process.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const USAGE = `npm run bench:leak -- [options]

Answers requests with private values declared (guard on) and not (guard off), and counts the values in all that is
sent upstream. Then the upstream's model guesses the users' attributes from it. Goes on where a run was broken off.

  --dataset FILE      CoGenesis rows (default: ../shared/data/cogenesis-dev.jsonl)
  --rows N            rows, those with private values in their users' texts first (default: 60)
  --tokens N          tokens of each answer at most (default: 100)
  --ask TEXT          what is added to each request, such as a length
  --lookahead MODE    on or off (default: on)
  --local NAME        the local model (default: qwen2.5-coder-0.5b)
  --url URL           a llama.cpp server that runs already; otherwise one is started
  --llama-server FILE, --upstream-model FILE    program and GGUF file (default: those of the folder LAB)
  --side-by-side N    answers at a time (default: 2)
  --out FOLDER        where the run is kept (default: costeer-leak)
  --likelihood N      instead: how likely the guard leaves the first N tokens of what the users wrote
                      (docs/measurements/leak.md says what that is)
  --report            no answers, only the figures of what is there`

const commandOptions = {
  dataset: { type: 'string', default: '../shared/data/cogenesis-dev.jsonl' },
  rows: { type: 'string', default: '60' },
  tokens: { type: 'string', default: '100' },
  ask: { type: 'string', default: '' },
  lookahead: { type: 'string', default: 'on' },
  local: { type: 'string', default: 'qwen2.5-coder-0.5b' },
  url: { type: 'string' },
  'llama-server': { type: 'string' },
  'upstream-model': { type: 'string' },
  'side-by-side': { type: 'string', default: '2' },
  out: { type: 'string', default: 'costeer-leak' },
  likelihood: { type: 'string' },
  report: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function readOptions() {
  return parseArgs({ options: commandOptions }).values
}
type Options = ReturnType<typeof readOptions>

const ALL_ROWS = 1_000_000

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  const dataset = await readDataset(options.dataset, { count: ALL_ROWS })
  const all = dataset.map(privateRow)
  const rows = tellingRows(all, Number(options.rows))
  const log = await LeakLog.open(join(options.out, 'leak.jsonl'))
  if (!options.report) await run(options, { all, rows, log })
  const report = leakReport(rows, log)
  await writeFile(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
  console.log(JSON.stringify(report, null, 2))
}

interface Run {
  readonly all: readonly PrivateRow[]
  readonly rows: readonly PrivateRow[]
  readonly log: LeakLog
}

async function run(options: Options, { all, rows, log }: Run): Promise<void> {
  const { url } = options
  const upstream = await (url === undefined
    ? startLlamaServer({
        program: options['llama-server'],
        model: options['upstream-model'],
        threads: 1,
        slots: options.likelihood === undefined ? Number(options['side-by-side']) : 1,
      })
    : knownServer(url.replace(/\/$/, '')))
  const { local, ask, likelihood } = options
  try {
    if (likelihood !== undefined) {
      return await measureLikelihoods(rows, log, { upstream, local, ask, tokens: Number(likelihood) })
    }
    await answerAll(options, { rows, log, upstream })
    for (const row of rows) await attack(row, { all, log, url: upstream.url })
  } finally {
    await upstream.stop()
  }
}

/** Rows side by side, each in a lane with a relay of its own that knows whose bytes it sees. */
async function answerAll(
  options: Options,
  { rows, log, upstream }: { rows: Run['rows']; log: LeakLog; upstream: { url: string; model: string } },
): Promise<void> {
  const waiting = rows.filter(({ id }) => [false, true].some((guard) => log.answer(id, guard) === undefined))
  if (waiting.length === 0) return
  await inTemporaryFolder('costeer-leak-', (folder) =>
    answerWaiting(options, { waiting, log, upstream, folder }),
  )
}

interface Waiting {
  readonly waiting: PrivateRow[]
  readonly log: LeakLog
  readonly upstream: { readonly url: string; readonly model: string }
  /** Takes profiles and configurations. */
  readonly folder: string
}

async function answerWaiting(options: Options, { waiting, log, upstream, folder }: Waiting): Promise<void> {
  const lanes = await Promise.all(
    Array.from({ length: Number(options['side-by-side']) }, () => startSentRecorder(upstream.url)),
  )
  for (const part of ['profiles', 'off', 'on']) await mkdir(join(folder, part))
  for (const { profile, declared } of waiting) {
    for (const [suffix, values] of [
      ['off', []],
      ['on', declared],
    ] as const) {
      const id = `${profile.id}-${suffix}`
      const content = { ...profile, id, private: values, about: undefined, preferences: undefined }
      await writeFile(join(folder, 'profiles', `${id}.yaml`), stringify(content))
    }
  }
  const names = lanes.map((_, lane) => `lane-${lane}`)
  const config = {
    server: { port: 0, log_level: 'error' },
    local: { model: options.local, threads: 1 },
    upstreams: Object.fromEntries(
      names.map((name, lane) => [
        name,
        { kind: 'llama-cpp', url: lanes[lane]?.url, model: upstream.model, candidates: 100 },
      ]),
    ),
    models: { names: Object.fromEntries(names.map((name) => [name, name])) },
    profiles: { folder: join(folder, 'profiles'), warm: false },
  }
  const off = await startGateway({ ...config, guard: { patterns: false } }, { folder: join(folder, 'off') })
  const on = await startGateway(config, { folder: join(folder, 'on') }).catch(async (failure: unknown) => {
    await off.stop()
    throw failure
  })
  try {
    await Promise.all(
      lanes.map(async (lane, index) => {
        for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
          for (const guard of [false, true]) {
            if (log.answer(row.id, guard) !== undefined) continue
            const { url } = guard ? on : off
            const at = { url, model: names[index] ?? '', lane }
            await log.add({
              kind: 'answer',
              row: row.id,
              guard,
              ...(await answered(row, guard, at, options)),
            })
          }
          console.log(`${new Date().toISOString()} ${row.id}, ${waiting.length} left`)
        }
      }),
    )
  } finally {
    await off.stop()
    await on.stop()
    for (const lane of lanes) await lane.close()
  }
}

const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
  usage: z.object({ completion_tokens: z.int() }).nullish(),
})

async function answered(
  { query, profile }: PrivateRow,
  guard: boolean,
  { url, model, lane }: { url: string; model: string; lane: SentRecorder },
  options: Options,
): Promise<{ text: string; tokens: number; sent: string[] }> {
  await lane.taken()
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: [query, options.ask].join(' ').trim() }],
      max_tokens: Number(options.tokens),
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      costeer: { profile: `${profile.id}-${guard ? 'on' : 'off'}`, lookahead: options.lookahead },
    }),
  })
  if (!response.ok) throw new Error(`The gateway refused: ${await response.text()}`)
  let text = ''
  let tokens = 0
  const events = response.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const { data } of events ?? []) {
    if (data === '[DONE]') break
    const { choices, usage } = chunk.parse(JSON.parse(data))
    text += choices[0]?.delta.content ?? ''
    tokens = usage?.completion_tokens ?? tokens
  }
  return { text, tokens, sent: await lane.taken() }
}

async function attack(
  row: PrivateRow,
  { all, log, url }: { all: Run['all']; log: LeakLog; url: string },
): Promise<void> {
  const longest = (guard: boolean) =>
    log.answer(row.id, guard)?.sent.toSorted((a, b) => b.length - a.length)[0] ?? null
  const transcripts = { nothing: null, 'guard-off': longest(false), 'guard-on': longest(true) }
  for (const [from, transcript] of Object.entries(transcripts) as [
    keyof typeof transcripts,
    string | null,
  ][]) {
    for (const attribute of Object.keys(attributes) as Attribute[]) {
      const riddle = riddleOf(row, attribute, all)
      if (riddle === null || log.guess(row.id, from, attribute) !== undefined) continue
      const right = await isGuessed(url, { transcript, attribute, riddle })
      await log.add({ kind: 'guess', row: row.id, from, attribute, right })
    }
  }
  console.log(`${new Date().toISOString()} ${row.id} guessed`)
}

await main()
