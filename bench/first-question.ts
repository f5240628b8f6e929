import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { quantile } from '../src/cli/bench/quantile.ts'
import { type TimedAnswer, timedAnswer } from '../src/cli/bench/timed-answer.ts'
import { serverAt } from './live/bench-gateway.ts'
import { freePort } from './programs/free-port.ts'
import { startProgram } from './programs/running-program.ts'

const HELP = `npm run bench:first -- [options]

Starts the gateway as "npm start" does and asks what the page asks first: one question, with the first profile and
without any, both at once. Tells when the first words came, and how far apart the plain answer's tokens were while the
profile was read, beside what they are alone. What earlier starts have read of profiles lies in profiles/.read: without
it this is a first start.

  --programs LIST   main.js of several builds, which take turns (default: dist/main.js)
  --rounds N        (default: 3)
  --after LIST      seconds from the start until the page asks (default: 0,3)`

const QUESTION = 'Write a short note to my neighbour about the parcel.'
const PROFILE = 'delphine-fontenot'

interface FirstQuestion {
  readonly steeredMs: number
  readonly plainMs: number
  /** Between tokens of the plain answer until the steered one's first word, and alone. */
  readonly besideMs: readonly number[]
  readonly aloneMs: readonly number[]
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      programs: { type: 'string', default: 'dist/main.js' },
      rounds: { type: 'string', default: '3' },
      after: { type: 'string', default: '0,3' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const programs = values.programs.split(',')
  console.log(`load average ${loadavg()[0]?.toFixed(1)}`)
  for (const seconds of values.after.split(',').map(Number)) {
    const results = new Map<string, FirstQuestion[]>(programs.map((program) => [program, []]))
    for (let round = 0; round < Number(values.rounds); round++)
      for (const program of programs) results.get(program)?.push(await firstQuestion(program, seconds))
    for (const [program, questions] of results) console.log(line(program, seconds, questions))
  }
}

async function firstQuestion(program: string, seconds: number): Promise<FirstQuestion> {
  const port = await freePort()
  const ready = /Point OpenAI clients at (\S+)\/v1/
  const { announced, stop } = await startProgram(process.execPath, [program, 'serve', '-p', `${port}`], ready)
  try {
    await sleep(seconds * 1000)
    const ask = serverAt(announced)
    const answer = (profile: string, maxTokens: number) =>
      timedAnswer(ask, { model: 'costeer', query: QUESTION, maxTokens, fields: { costeer: { profile } } })
    const [steered, plain] = await Promise.all([answer(PROFILE, 8), answer('none', 200)])
    const alone = await answer('none', 60)
    const steeredMs = steered.tokens[0]?.atMs ?? Number.NaN
    return {
      steeredMs,
      plainMs: plain.tokens[0]?.atMs ?? Number.NaN,
      besideMs: gaps(plain, steeredMs),
      aloneMs: gaps(alone, Number.POSITIVE_INFINITY),
    }
  } finally {
    await stop()
  }
}

/** Between the tokens of an answer that came before `untilMs`. */
function gaps({ tokens }: TimedAnswer, untilMs: number): number[] {
  const times = tokens.map(({ atMs }) => atMs).filter((atMs) => atMs <= untilMs)
  return times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
}

function line(program: string, seconds: number, questions: readonly FirstQuestion[]): string {
  const median = (value: (question: FirstQuestion) => number) =>
    quantile(questions.map(value), 0.5).toFixed(0)
  const gap = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return `mean ${mean.toFixed(1)}, p99 ${quantile(values, 0.99).toFixed(0)}`
  }
  const beside = questions.flatMap(({ besideMs }) => besideMs)
  const alone = questions.flatMap(({ aloneMs }) => aloneMs)
  return [
    `${program}, ${seconds} s after the start: first word steered ${median(({ steeredMs }) => steeredMs)} ms,`,
    `plain ${median(({ plainMs }) => plainMs)} ms; between plain tokens ${gap(beside)} ms until then`,
    `(${beside.length} tokens), ${gap(alone)} ms alone`,
  ].join(' ')
}

await main()
