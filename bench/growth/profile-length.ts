import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { quantile } from '../../src/cli/bench/quantile.ts'
import { timedAnswer } from '../../src/cli/bench/timed-answer.ts'
import { readEnvironment } from '../../src/environment.ts'
import { previewPrompt } from '../../src/gateway/prompts/private-prompt.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { pullModel } from '../../src/models/pull.ts'
import { profileSchema } from '../../src/profiles/profile.ts'
import { serverAt } from '../live/bench-gateway.ts'
import { startFastUpstream, startGateway } from '../programs/gateway-process.ts'
import { longProfile } from '../texts/long-profile.ts'
import { type CurvePoint, type GrowthCurve, MODEL } from './growth-curve.ts'

const lengths = [100, 300, 1000, 3000, 8000]
const quickLengths = [100, 300]
/** Each with a profile of its own; the best of them counts. */
const ROUNDS = 2
const QUICK_ROUNDS = 1
const TOKENS = 40
const questions = ['Write a short note about the parcel.', 'Write a few lines about the old ferry.'] as const

interface AnswerTimes {
  readonly firstMs: number
  /** The median between two tokens. */
  readonly stepMs: number
}

/** A question with a profile that nobody has read before, and then another one, token by token. */
export const profileLength: GrowthCurve = {
  name: 'profile-length',
  axis: 'tokens of profile',
  async measure({ quick, folder, say }) {
    const points = quick ? quickLengths : lengths
    const rounds = quick ? QUICK_ROUNDS : ROUNDS
    await writeLongProfiles(join(folder, 'profiles'), points, rounds)
    const fast = await startFastUpstream(MODEL)
    const gateway = await startGateway(
      {
        server: { port: 0, log_level: 'error' },
        local: { model: MODEL },
        steering: { lookahead: 'off' },
        upstreams: { large: { kind: 'llama-cpp', url: fast.url, candidates: 100 } },
        models: { names: { costeer: 'large' } },
        profiles: { folder: 'profiles', warm: false },
      },
      { folder, logged: true },
    )
    try {
      const answer = (profile: string, query: string) => timesOf(gateway.url, profile, query)
      for (const question of questions) await answer('none', question)
      const curve: CurvePoint[] = []
      for (const length of points) {
        const times = { cold: [] as AnswerTimes[], warm: [] as AnswerTimes[] }
        for (let round = 0; round < rounds; round++) {
          say(`a profile of ${length} tokens, round ${round + 1} of ${rounds}`)
          times.cold.push(await answer(profileId(length, round), questions[0]))
          times.warm.push(await answer(profileId(length, round), questions[1]))
        }
        const best = (all: readonly AnswerTimes[], of: keyof AnswerTimes) =>
          Math.min(...all.map((one) => one[of]))
        curve.push({
          at: length,
          figures: {
            'first token cold, ms': best(times.cold, 'firstMs'),
            'first token warm, ms': best(times.warm, 'firstMs'),
            'step, ms': best(times.warm, 'stepMs'),
          },
        })
      }
      return curve
    } finally {
      await gateway.stop()
      await fast.stop()
    }
  },
}

function profileId(length: number, round: number): string {
  return `tokens-${length}-${round + 1}`
}

/** Enough for what one of them adds to a prompt. */
const COUNTED_FACTS = 100

/** Profiles whose facts are so many tokens of the local model, as nearly as whole facts come. */
async function writeLongProfiles(folder: string, points: readonly number[], rounds: number): Promise<void> {
  const { tokenizer } = await readModelText(await pullModel(MODEL, { environment: readEnvironment() }))
  const promptTokens = (facts: number) => {
    const profile = profileSchema.parse(longProfile('counted', facts))
    const window = { tokenizer, contextTokens: Number.POSITIVE_INFINITY }
    return previewPrompt(profile, { query: questions[0] }, { window }).tokens ?? Number.NaN
  }
  const tokensOfFact = (promptTokens(2 * COUNTED_FACTS) - promptTokens(COUNTED_FACTS)) / COUNTED_FACTS
  await mkdir(folder)
  for (const length of points) {
    for (let round = 0; round < rounds; round++) {
      const profile = longProfile(profileId(length, round), Math.floor(length / tokensOfFact))
      await writeFile(join(folder, `${profile.id}.yaml`), stringify(profile))
    }
  }
}

async function timesOf(url: string, profile: string, query: string): Promise<AnswerTimes> {
  const fields = { costeer: { profile } }
  const { tokens } = await timedAnswer(serverAt(url), { model: 'costeer', query, maxTokens: TOKENS, fields })
  const gaps = tokens.slice(1).map(({ atMs }, index) => atMs - (tokens[index]?.atMs ?? 0))
  return { firstMs: tokens[0]?.atMs ?? Number.NaN, stepMs: quantile(gaps, 0.5) }
}
