import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { quantile } from '../../src/cli/bench/quantile.ts'
import { timedAnswer } from '../../src/cli/bench/timed-answer.ts'
import { longProfile } from '../texts/long-profile.ts'
import { type BenchGateway, serverAt } from './bench-gateway.ts'

export interface FirstTokenTimes {
  readonly profileTokens: number
  /** Medians, milliseconds. */
  readonly withoutProfile: number
  readonly cold: number
  /** The same profile, another question. */
  readonly warm: number
  readonly warmToCold: number
}

export interface FirstTokenOptions {
  readonly gateway: BenchGateway
  readonly folder: string
  readonly roundTripMs: number
  /** About so many tokens of profile. */
  readonly profileTokens: number
  readonly rounds: number
  /** Questions to ask; all of about the same length, and known to the upstream. */
  readonly questions: readonly string[]
}

const TOKENS_PER_SENTENCE = 12

/** Time to first token with a new profile, which is computed first, and with one that was used before. */
export async function firstTokenTimes(options: FirstTokenOptions): Promise<FirstTokenTimes> {
  const { gateway, folder, roundTripMs, profileTokens, rounds, questions } = options
  const model = gateway.modelBehind(roundTripMs)
  const firstToken = async (query: string, profile: string) => {
    const fields = { costeer: { profile } }
    const { tokens } = await timedAnswer(serverAt(gateway.url), { model, query, maxTokens: 1, fields })
    return tokens[0]?.atMs ?? Number.NaN
  }
  const times = { none: [] as number[], cold: [] as number[], warm: [] as number[] }
  const facts = Math.ceil(profileTokens / TOKENS_PER_SENTENCE)
  for (let round = 0; round < rounds; round++) {
    const id = `long-${round + 1}`
    await writeFile(join(folder, 'profiles', `${id}.yaml`), stringify(longProfile(id, facts)))
    // The profile folder is watched with a short delay
    await sleep(600)
    const [first = '', second = ''] = questions
    for (const question of [first, second]) await firstToken(question, 'none')
    times.none.push(await firstToken(second, 'none'))
    times.cold.push(await firstToken(first, id))
    times.warm.push(await firstToken(second, id))
  }
  const [cold, warm] = [quantile(times.cold, 0.5), quantile(times.warm, 0.5)]
  return { profileTokens, withoutProfile: quantile(times.none, 0.5), cold, warm, warmToCold: warm / cold }
}
