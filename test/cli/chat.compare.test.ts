import { afterEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { deferred, end, type Step, text } from '../proxy/app-under-test/scripted-gateway.ts'
import { tokenTrace } from '../web/token-trace.ts'
import { runCommand } from './run-command.ts'

describe('costeer chat --compare in a terminal', () => {
  const names = ['isTTY', 'columns', 'rows'] as const
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(process.stdout, name)] as const)
  const terminal = (columns: number) => {
    vi.stubEnv('NO_COLOR', '')
    const size = { isTTY: true, columns, rows: 24 }
    for (const name of names) {
      Object.defineProperty(process.stdout, name, { value: size[name], configurable: true })
    }
  }
  afterEach(() => {
    vi.unstubAllEnvs()
    for (const [name, descriptor] of before) {
      Reflect.deleteProperty(process.stdout, name)
      if (descriptor !== undefined) Object.defineProperty(process.stdout, name, descriptor)
    }
  })

  const {
    type: _type,
    choice: _choice,
    ...trace
  } = tokenTrace(' lo', {
    shift: 2,
    unsteered: { id: 9, text: 'p' },
  })
  const traced = { choices: [[text('Hel'), { type: 'token-traced' as const, trace }, text(' lo'), end(2)]] }
  const marked = '\u001b[4;33mlo\u001b[24;39m'

  test('stands in two columns that come at once, and marks what the profile changed', async () => {
    terminal(90)
    const both = deferred()
    let asked = 0
    const onPrepare = () => {
      asked += 1
      if (asked === 2) both.resolve()
      return both.promise
    }
    const { url, gateway } = await listening({ script: { ...traced, onPrepare } })
    const { out } = await runCommand('chat', '--url', url, '--once', 'Hi', '--profile', 'ann', '--compare')
    expect(out).toMatch(/without a profile +.* │ .*with ann/)
    expect(out).toContain(`Hel ${marked}`)
    expect(out).toMatch(/Hel lo +.* │ /)
    expect(gateway.requests.map((request) => request.trace).sort()).toEqual([false, true])
  })

  test('stands one below the other where that is too narrow', async () => {
    terminal(60)
    const { url } = await listening({ script: traced })
    const { out } = await runCommand('chat', '--url', url, '--once', 'Hi', '--profile', 'ann', '--compare')
    const bold = (words: string) => `\u001b[1m${words}\u001b[22m`
    expect(out).toBe(`${bold('--- without a profile')}\nHel lo\n${bold('--- with ann')}\nHel ${marked}\n`)
  })

  test('dims thoughts, which stand before the answer', async () => {
    terminal(60)
    const thought = { type: 'reasoning-delta' as const, text: 'A friend.\n' }
    const { url } = await listening({
      script: { choices: [[thought, text('\n\nDear '), text('Ann'), end(3)]] },
    })
    const { out } = await runCommand('chat', '--url', url, '--once', 'Hi')
    expect(out).toBe('\u001b[2m(thinking) A \u001b[22m\u001b[2mfriend.\u001b[22m\n\nDear Ann\n')
    terminal(90)
    const both = await runCommand('chat', '--url', url, '--once', 'Hi', '--compare')
    expect(both.out).toContain('\u001b[2m(thinking) A friend.\u001b[22m')
  })

  test('says how each answer ended, and stops both when one fails', async () => {
    terminal(90)
    const cut = await listening({ script: { choices: [[text('A'), end(1, 'length')]] } })
    const { err } = await runCommand('chat', '--url', cut.url, '--once', 'Hi', '--compare')
    expect(err).toContain('(without a profile: cut at --tokens)')
    expect(err).toContain("(with the caller's profile: cut at --tokens)")
    const error = new GatewayError('upstream_timeout', 'The upstream is silent.')
    let calls = 0
    const choices = [[{ type: 'fail' as const, error } as Step]]
    const onPrepare = () => {
      calls += 1
      if (calls === 2) choices[0] = [text('Once'), { type: 'hang' }]
    }
    const broken = await listening({ script: { choices, onPrepare } })
    const { failure } = await runCommand('chat', '--url', broken.url, '--once', 'Hi', '--compare')
    expect(failure).toMatchObject({
      message: expect.stringContaining('The upstream is silent.'),
    })
  })
})
