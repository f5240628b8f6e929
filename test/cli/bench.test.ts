import { describe, expect, test, vi } from 'vitest'
import { tokenId } from '../../src/steer/token-id.ts'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { end, type Step } from '../proxy/app-under-test/scripted-gateway.ts'
import { runCommand } from './run-command.ts'

function said(text: string, lead = 0.5): Step {
  const bytes = new TextEncoder().encode(text)
  const named = (id: number, logprob: number) => ({ token: tokenId(id), bytes, logprob })
  const report = { ...named(1, -0.1), alternatives: [named(1, -0.1), named(2, -0.1 - lead)] }
  return { type: 'text-delta', text, tokens: [report] }
}
const answer = [said('Once'), said(' upon'), said(' a'), end(3)]

describe('costeer bench', () => {
  test('asks every question in three ways after warming up, and sums the answers up', async () => {
    const { url, gateway } = await listening({ script: { choices: [answer] } })
    const words = ['bench', 'One?', 'Two?', '--url', url, '--profile', 'ann', '-n', '9', '--json']
    const { out, failure } = await runCommand(...words)
    expect(failure).toBeNull()
    const asked = gateway.requests.map(({ maxTokens, caller, overrides: { lookahead } }) =>
      [maxTokens, caller.profile, lookahead].join(' '),
    )
    const ways = (tokens: number) => [`${tokens} ann `, `${tokens} ann off`, `${tokens} none `]
    expect(asked.slice(0, 3)).toEqual(ways(2))
    expect(asked.slice(3, 6)).toEqual(ways(9))
    expect(asked.slice(6, 9)).toEqual(ways(2))
    expect(asked.slice(9).sort()).toEqual(ways(9).sort())
    expect(gateway.requests.every(({ sampling }) => sampling.temperature === 0)).toBe(true)
    const { modes, ...rest } = JSON.parse(out)
    expect(rest).toEqual({
      model: 'big',
      profile: 'ann',
      prompts: 2,
      agreement: { identicalAnswers: 2, identicalTokens: 1, leadsAtDifference: [] },
    })
    expect(Object.keys(modes)).toEqual(['lookahead', 'token by token', 'unsteered'])
    for (const mode of Object.values(modes)) {
      expect(mode).toMatchObject({ tokens: 6, firstTokenMs: expect.any(Number), p95: expect.any(Number) })
    }
  })

  test('prints a table, and says where the texts part', async () => {
    const steps = [...answer]
    const onPrepare = ({ overrides }: { overrides: { lookahead?: string | number } }) => {
      steps[2] = overrides.lookahead !== 'off' ? said(' the') : said(' a', 0.004)
    }
    const { url } = await listening({ script: { choices: [steps], onPrepare } })
    vi.stubEnv('COSTEER_PORT', new URL(url).port)
    const { out, err } = await runCommand('bench', 'One?')
    vi.unstubAllEnvs()
    expect(out).toMatch(/tokens\/s +first token +between tokens\n/)
    expect(out).toMatch(/lookahead +[\d.]+ +[\d.]+ \/ [\d.]+ ms/)
    expect(out).toContain('the same in 0 of 1 answers (66.7 % of the tokens)')
    expect(out).toContain('0.004 nats')
    expect(err).toContain('Question 1 of 1')
  })

  test('prints what answers cost, and what more queries in flight add to that', async () => {
    const steps = [...answer]
    const onPrepare = ({ overrides: { lookahead } }: { overrides: { lookahead?: string | number } }) => {
      const cost = typeof lookahead === 'number' ? lookahead / 1000 : 0.0005
      steps[3] = { type: 'answer-end', finishReason: 'stop', completionTokens: 3, cost }
    }
    const { url, gateway } = await listening({ script: { choices: [steps], onPrepare } })
    const { out } = await runCommand('bench', 'One?', '--url', url)
    const asked = gateway.requests.map(({ overrides }) => overrides.lookahead)
    expect(asked.slice(-4)).toEqual([1, 2, 4, 8])
    expect(out).toMatch(/between tokens +cost\n/)
    expect(out).toMatch(/token by token .* ms +0\.0005\n/)
    expect(out).toMatch(/lookahead, 8 in flight .* ms +0\.008\n/)
  })

  test('says that an embedded model is asked nothing ahead', async () => {
    const big = { id: 'big', upstream: 'tiny', configuredAs: 'own', embedded: true, strength: 1 }
    const facts = { version: '1', localModel: 'tiny', models: [big] }
    const { url } = await listening({ script: { choices: [answer] }, facts })
    expect((await runCommand('bench', 'One?', '--url', url)).err).toContain('inside the gateway')
  })

  test('says what to do without a gateway, a profile, or words', async () => {
    expect((await runCommand('bench', '--url', 'http://127.0.0.1:9')).failure).toMatchObject({
      message: expect.stringContaining('costeer serve'),
    })
    const plain = await listening({ script: { choices: [answer], steering: { state: 'off' } } })
    expect((await runCommand('bench', '--url', plain.url)).failure).toMatchObject({
      message: expect.stringContaining('--profile'),
    })
    const silent = await listening({ script: { choices: [[end(0)]] } })
    expect((await runCommand('bench', '--url', silent.url)).failure).toMatchObject({
      message: expect.stringContaining('too short'),
    })
  })
})
