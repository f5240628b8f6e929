import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { timedAnswer } from '../src/cli/bench/timed-answer.ts'
import { readEnvironment } from '../src/environment.ts'
import { privateForm } from '../src/evaluation/forms/private-form.ts'
import { SHARED_SYSTEM_PROMPT } from '../src/gateway/prompts/public-conversation.ts'
import { type ModelText, readModelText } from '../src/models/model-text.ts'
import { pullModel } from '../src/models/pull.ts'
import { loadProfile } from '../src/profiles/files/load-profile.ts'
import type { Profile } from '../src/profiles/profile.ts'
import { paperParameters } from '../src/steer/strength/ftrl-strength.ts'
import { tokenIds } from '../src/steer/token-id.ts'
import { serverAt } from './live/bench-gateway.ts'
import { startLlamaServer } from './live/bench-upstream.ts'
import { type PaperTask, startPaperLoop } from './peers/paper-loop.ts'
import { startGateway } from './programs/gateway-process.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const USAGE = `npm run bench:peers -- [options]

Steered answers of the gateway, beside what one would run instead: the paper's own loop in Python (transformers, float32)
on the same files, and the large model's plain stream from llama.cpp's server. They take turns.

  --python FILE       a Python that has torch, transformers and gguf (default: python3)
  --upstream NAME     the large model, inside the gateway (default: smollm2-135m)
  --local NAME        the local model (default: smollm2-135m)
  --llama-server FILE the program (default: that of the folder LAB)
  --tokens N          of each answer at most (default: 48)
  --rounds N          the ways take turns so many times, after one that does not count (default: 3)`

const commandOptions = {
  python: { type: 'string', default: 'python3' },
  upstream: { type: 'string', default: 'smollm2-135m' },
  local: { type: 'string', default: 'smollm2-135m' },
  'llama-server': { type: 'string' },
  tokens: { type: 'string', default: '48' },
  rounds: { type: 'string', default: '3' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function readOptions() {
  return parseArgs({ options: commandOptions }).values
}
type Options = ReturnType<typeof readOptions>

const questions = [
  {
    profile: 'hamish-baird',
    query: 'Write a short note to the harbour board about the broken slipway light.',
  },
  { profile: 'delphine-fontenot', query: 'Write a short invitation to dinner on Friday for my neighbour.' },
  { profile: 'noor-lindqvist', query: 'Write a few lines about a walk along the sea in the rain.' },
] as const
type Question = (typeof questions)[number]

/** One answer: when each token was there, in milliseconds since the question, and what they are. */
interface Timed {
  readonly atMs: readonly number[]
  readonly text: string
}

interface Way {
  readonly name: string
  ask(question: Question): Promise<Timed>
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  await inTemporaryFolder('costeer-bench-', (folder) => measuredIn(folder, options))
}

async function measuredIn(folder: string, options: Options): Promise<void> {
  const maxTokens = Number(options.tokens)
  const threads = availableParallelism()
  const stops: (() => Promise<void>)[] = []
  try {
    const upstream = await installed(options.upstream)
    const local = await installed(options.local)
    const profiles = await writeProfiles(join(folder, 'profiles'))
    const gateway = await startGateway(configOf(options), { folder, logged: true })
    stops.push(() => gateway.stop())
    const loop = await startPaperLoop({
      python: options.python,
      threads,
      upstream: upstream.file,
      local: local.file,
    })
    stops.push(() => loop.stop())
    const server = await startLlamaServer({
      program: options['llama-server'],
      model: upstream.file,
      threads,
      slots: 1,
    })
    stops.push(() => server.stop())
    const streamed = (
      url: string,
      model: string,
      fields: (question: Question) => Record<string, unknown>,
    ) => {
      const ask = serverAt(url)
      return async (question: Question): Promise<Timed> => {
        const { query } = question
        const { tokens } = await timedAnswer(ask, { model, query, maxTokens, fields: fields(question) })
        return { atMs: tokens.map(({ atMs }) => atMs), text: tokens.map(({ text }) => text).join('') }
      }
    }
    const ways: Way[] = [
      { name: 'costeer', ask: streamed(gateway.url, 'costeer', ({ profile }) => ({ costeer: { profile } })) },
      {
        name: "the paper's loop",
        async ask(question) {
          const profile = profiles.get(question.profile) as Profile
          const texts = { upstream: upstream.text, local: local.text }
          const task = paperTask(question, { profile, ...texts, maxTokens })
          const { ids, seconds } = await loop.answer(task)
          const bytes = tokenIds(ids).map((id) => upstream.text.vocabulary.bytes(id))
          return { atMs: seconds.map((second) => second * 1_000), text: Buffer.concat(bytes).toString() }
        },
      },
      { name: 'llama-server, unsteered', ask: streamed(`${server.url}/v1`, server.model, () => ({})) },
    ]
    const [load = 0] = loadavg()
    console.log(
      `${threads} cores (${cpus()[0]?.model}), Node ${process.version}, load average ${load.toFixed(1)}`,
    )
    await measure(ways, Number(options.rounds))
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function configOf({ upstream, local }: { readonly upstream: string; readonly local: string }): object {
  return {
    server: { port: 0, log_level: 'error' },
    local: { model: local },
    upstreams: { large: { kind: 'embedded', model: upstream } },
    models: { names: { costeer: 'large' } },
    steering: { preset: 'paper' },
    profiles: { folder: 'profiles' },
  }
}

/** The examples without private values: the paper's loop knows no guard. */
async function writeProfiles(folder: string): Promise<ReadonlyMap<string, Profile>> {
  await mkdir(folder)
  const profiles = new Map<string, Profile>()
  for (const { profile: id } of questions) {
    const text = await readFile(join('profiles', `${id}.yaml`), 'utf8')
    const { private: _, ...rest } = z.record(z.string(), z.unknown()).parse(parse(text))
    const file = join(folder, `${id}.yaml`)
    await writeFile(file, stringify(rest))
    const loaded = await loadProfile(file)
    if (loaded.type !== 'loaded') throw new Error(`profiles/${id}.yaml is no profile.`)
    profiles.set(id, loaded.profile)
  }
  return profiles
}

async function installed(name: string): Promise<{ readonly file: string; readonly text: ModelText }> {
  const model = await pullModel(name, { environment: readEnvironment() })
  return { file: model.path, text: await readModelText(model) }
}

interface PaperTaskParts {
  readonly profile: Profile
  readonly upstream: ModelText
  readonly local: ModelText
  readonly maxTokens: number
}

function paperTask({ query }: Question, { profile, upstream, local, maxTokens }: PaperTaskParts): PaperTask {
  const conversation = [
    { role: 'system' as const, content: SHARED_SYSTEM_PROMPT },
    { role: 'user' as const, content: query },
  ]
  const { tokenizer } = local
  const now = new Date()
  const without = tokenizer.encodeChat(conversation, { now })
  const room = { tokenizer, contextTokens: 8_192, maxTokens, publicTokens: without.length }
  return {
    public: upstream.tokenizer.encodeChat(conversation, { now }),
    with: tokenizer.encodeChat(privateForm('product').messages(conversation, profile, room), { now }),
    without,
    maxTokens,
    endTokens: [...upstream.vocabulary.endTokens],
    settings: paperParameters,
  }
}

async function measure(ways: readonly Way[], rounds: number): Promise<void> {
  const answers = new Map<Way, Timed[]>(ways.map((way) => [way, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const question of questions) {
      for (const way of ways) {
        const timed = await way.ask(question)
        if (round === 0) console.log(`${way.name}, ${question.profile}: ${JSON.stringify(timed.text)}`)
        else answers.get(way)?.push(timed)
      }
    }
  }
  console.log(
    '\n| | tokens/s, whole answer | tokens/s after the first | first token, ms |\n|---|---|---|---|',
  )
  for (const [way, timed] of answers) {
    const tokens = sum(timed.map(({ atMs }) => atMs.length))
    const first = sum(timed.map(({ atMs }) => atMs[0] ?? Number.NaN))
    const last = sum(timed.map(({ atMs }) => atMs.at(-1) ?? Number.NaN))
    const whole = (tokens / last) * 1_000
    const later = ((tokens - timed.length) / (last - first)) * 1_000
    console.log(
      `| ${way.name} | ${whole.toFixed(1)} | ${later.toFixed(1)} | ${(first / timed.length).toFixed(0)} |`,
    )
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

await main()
