import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CallerProfiles } from '../../src/gateway/gateway.ts'
import { GatewayError } from '../../src/gateway-error.ts'
import { listening, until } from '../proxy/app-under-test/listening-app.ts'
import { call, end, text } from '../proxy/app-under-test/scripted-gateway.ts'
import { listeningServer } from '../upstream/http/listening-server.ts'
import { runCommand } from './run-command.ts'

const realInput = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor
afterEach(() => {
  Object.defineProperty(process, 'stdin', realInput)
  vi.unstubAllEnvs()
})

/** Puts lines in place of what somebody types. */
function typed(...lines: string[]): PassThrough {
  const input = new PassThrough()
  input.end(lines.map((line) => `${line}\n`).join(''))
  Object.defineProperty(process, 'stdin', { value: input, configurable: true })
  return input
}

const script = { choices: [[text('Hel'), text('lo ☀'), end(3)]] }

describe('costeer chat --once', () => {
  test('streams one answer with what the options say', async () => {
    const { url, gateway } = await listening({ script })
    const { out, failure } = await runCommand(
      ...['chat', '--url', `${url}/v1`, '--once', 'Hi', '--profile', 'ann', '--strength', '1.5'],
      ...['--temperature', '0', '--seed', '9', '-n', '20', '--system', 'Be brief.'],
    )
    expect(failure).toBeNull()
    expect(out).toBe('Hello ☀\n')
    expect(gateway.requests[0]).toMatchObject({
      model: 'big',
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
      sampling: { temperature: 0, seed: 9 },
      maxTokens: 20,
      caller: { profile: 'ann' },
      overrides: { strength: 1.5 },
    })
  })

  test('compares without and with the profile, drawn with one seed', async () => {
    const { url, gateway } = await listening({ script })
    const { out } = await runCommand('chat', '--url', url, '--once', 'Hi', '--profile', 'ann', '--compare')
    expect(out).toBe('--- without a profile\nHello ☀\n--- with ann\nHello ☀\n')
    const [first, second] = gateway.requests
    expect([first?.caller.profile, second?.caller.profile]).toEqual(['none', 'ann'])
    expect(first?.sampling.seed).toEqual(expect.any(Number))
    expect(first?.sampling.seed).toBe(second?.sampling.seed)
  })

  test('prints JSON', async () => {
    const { url } = await listening({ script })
    const { out } = await runCommand('chat', '--url', url, '--once', 'Hi', '--compare', '--json')
    const answer = { steering: 'on', text: 'Hello ☀', finish_reason: 'stop' }
    expect(JSON.parse(out)).toEqual({ model: 'big', profile: null, ...answer, unsteered: answer })
  })

  test('offers the tools of a file, shows calls, and leaves thoughts to JSON where nobody reads along', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'costeer-chat-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'tools.json')
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
    writeFileSync(file, JSON.stringify(tools))
    const calls = {
      upstream: { passthrough: null, tellsEveryToken: true, readsCalls: true },
      choices: [
        [
          { type: 'reasoning-delta', text: 'Where? ' },
          { type: 'reasoning-delta', text: 'Ghent.' },
          text('I look.'),
          ...call(0, 'call_1', 'weather', '{"city":', '"Ghent"}'),
          { type: 'answer-end', finishReason: 'tool_calls', completionTokens: 9, reasoningTokens: 3 },
        ],
      ],
    } as const
    const { url, gateway } = await listening({ script: calls })
    const { out, err } = await runCommand('chat', '--url', url, '--once', 'Rain?', '--tools', file)
    expect(out).toBe('I look.\n\n→ weather(city: "Ghent")\n')
    expect(err).toContain('waits for its tools')
    expect(gateway.requests[0]?.prompt).toMatchObject({ tools: { tools } })
    const json = await runCommand('chat', '--url', url, '--once', 'Rain?', '--json')
    expect(JSON.parse(json.out)).toMatchObject({
      text: 'I look.',
      reasoning: 'Where? Ghent.',
      tool_calls: [{ name: 'weather', arguments: '{"city":"Ghent"}' }],
      finish_reason: 'tool_calls',
    })
    writeFileSync(file, '{}')
    const { failure } = await runCommand('chat', '--url', url, '--once', 'Rain?', '--tools', file)
    expect(failure).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('JSON list') })
  })

  test('says that a comparison shows nothing when this caller has no profile', async () => {
    const { url } = await listening({ script: { ...script, steering: { state: 'off' } } })
    expect((await runCommand('chat', '--url', url, '--once', 'Hi', '--compare')).err).toContain('--profile')
  })

  test('stops the answer on Ctrl+C and keeps what there is', async () => {
    const { url, gateway } = await listening({ script: { choices: [[text('Once'), { type: 'hang' }]] } })
    const others = process.listeners('SIGINT')
    process.removeAllListeners('SIGINT')
    const run = runCommand('chat', '--url', url, '--once', 'Hi')
    await until(() => gateway.pulled() === 2 && process.listenerCount('SIGINT') > 0)
    process.emit('SIGINT')
    const { out, err, failure } = await run
    for (const listener of others) process.on('SIGINT', listener)
    expect(failure).toBeNull()
    expect(`${out}${err}`).toMatch(/interrupted/)
    await until(() => gateway.ended() === 1)
  })

  test('says what to do when there is no gateway, a wrong key, a failure on the way, or too many gateways', async () => {
    vi.stubEnv('COSTEER_PORT', '9')
    expect((await runCommand('chat', '--once', 'Hi')).failure).toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('costeer serve'),
    })
    const keys = [{ key: 'secret-key', admin: false }]
    const locked = await listening({ script, server: { keys } })
    expect((await runCommand('chat', '--url', locked.url, '--once', 'Hi')).failure).toMatchObject({
      message: expect.stringContaining('HTTP 401'),
    })
    vi.stubEnv('MY_KEY', 'secret-key')
    const opened = await runCommand('chat', '--url', locked.url, '--once', 'Hi', '--api-key-env', 'MY_KEY')
    expect(opened.out).toBe('Hello ☀\n')
    const error = new GatewayError('upstream_timeout', 'The upstream is silent.')
    const broken = await listening({ script: { choices: [[text('A'), { type: 'fail', error }]] } })
    expect((await runCommand('chat', '--url', broken.url, '--once', 'Hi')).failure).toMatchObject({
      message: 'The upstream is silent.',
    })
    expect((await runCommand('chat', '--url', 'x', '--config', 'y')).failure).toMatchObject({
      code: 'invalid_request',
    })
  })
})

const people = [
  { id: 'ann', name: 'Ann Ash' },
  { id: 'bob', name: 'Bob Birch' },
]

describe('the profile of costeer chat', () => {
  test('is said, or that there is none, before the answer', async () => {
    const err = async (profiles: CallerProfiles, ...words: string[]) => {
      const { url } = await listening({ script: { ...script, profiles } })
      return (await runCommand('chat', '--url', url, '--once', 'Hi', ...words)).err
    }
    const [ann = null] = people
    expect(await err({ chosen: ann, open: people })).toContain('as Ann Ash (ann)')
    expect(await err({ chosen: null, open: people })).toContain('without a profile')
    expect(await err({ chosen: ann, open: people }, '--profile', 'none')).toContain('without a profile')
    expect(await err({ chosen: null, open: people }, '--profile', 'bob')).toContain('as Bob Birch (bob)')
  })

  test('is refused at once where the caller cannot name it, with the one that was meant', async () => {
    const { url, gateway } = await listening({
      script: { ...script, profiles: { chosen: null, open: people } },
    })
    const { failure } = await runCommand('chat', '--url', url, '--once', 'Hi', '--profile', 'anne')
    expect(failure).toMatchObject({
      code: 'profile_not_found',
      message: 'There is no profile "anne" for this caller. Did you mean "ann"? Take one of: ann, bob, none.',
    })
    expect(gateway.requests).toEqual([])
  })

  test('can be listed and changed, and a wrong one changes nothing', async () => {
    const { url, gateway } = await listening({
      script: { ...script, profiles: { chosen: people[0] ?? null, open: people } },
    })
    typed('/profiles', '/profile', '/profile bop', '/profile bob', 'One', '/profiles', '/profile none', 'Two')
    const { err } = await runCommand('chat', '--url', url)
    expect(err).toContain('* ann   Ann Ash\n  bob   Bob Birch\n  none  answers unsteered\n')
    expect(err).toContain('Answers come as Ann Ash (ann).')
    expect(err).toContain('Did you mean "bob"?')
    expect(err).toContain('  ann   Ann Ash\n* bob   Bob Birch\n')
    expect(err).toContain('From now on without a profile')
    expect(gateway.requests.map(({ caller }) => caller.profile)).toEqual(['bob', 'none'])
  })
})

describe('costeer chat at a server that tells no profiles', () => {
  test('leaves them to it', async () => {
    const server = await listeningServer((response, { url }) => {
      if (url !== '/v1/chat/completions') response.statusCode = 404
      response.setHeader('content-type', 'text/event-stream')
      response.end(
        `data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
      )
    })
    const words = ['chat', '--url', server.url, '--model', 'm', '--profile', 'ann', '--once', 'Hi']
    const { out, err, failure } = await runCommand(...words)
    expect(failure).toBeNull()
    expect(out).toBe('Hello\n')
    expect(err).toBe('(as ann)\n')
  })
})

describe('costeer chat', () => {
  test('goes on with what was said, and obeys commands', async () => {
    const { url, gateway } = await listening({ script })
    typed(
      'One',
      '/profile ann',
      '/strength 2',
      'Two',
      '/new',
      '/compare',
      'Three',
      '/nonsense',
      '/exit',
      'Four',
    )
    const { err, failure } = await runCommand('chat', '--url', url)
    expect(failure).toBeNull()
    const asked = gateway.requests.map(({ prompt, caller, overrides }) => ({
      said: prompt.type === 'chat' ? prompt.messages.map(({ content }) => content) : [],
      profile: caller.profile,
      strength: overrides.strength,
    }))
    expect(asked).toEqual([
      { said: ['One'], profile: undefined, strength: undefined },
      { said: ['One', 'Hello ☀', 'Two'], profile: 'ann', strength: 2 },
      { said: ['Three'], profile: 'none', strength: 2 },
      { said: ['Three'], profile: 'ann', strength: 2 },
    ])
    expect(err).toContain('There is no /nonsense')
  })

  test('prints a line of JSON for each answer', async () => {
    const { url } = await listening({ script })
    typed('One', '', 'Two')
    const { out } = await runCommand('chat', '--url', url, '--json')
    const lines = out.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(['Hello ☀', 'Hello ☀'])
  })

  test('survives a question that fails, and forgets it', async () => {
    let calls = 0
    const onPrepare = () => {
      calls += 1
      if (calls === 1) throw new GatewayError('context_length_exceeded', 'Too long.')
    }
    const { url, gateway } = await listening({ script: { ...script, onPrepare } })
    const input = typed('One', 'Two')
    const { err, out } = await runCommand('chat', '--url', url)
    if (!input.readableEnded) await once(input, 'end')
    expect(err).toContain('Too long.')
    expect(out).toBe('Hello ☀\n')
    expect(gateway.requests[1]?.prompt).toEqual({
      type: 'chat',
      messages: [{ role: 'user', content: 'Two' }],
    })
  })
})
