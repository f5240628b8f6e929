import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { listening } from '../proxy/app-under-test/listening-app.ts'
import { deferred, end, type Step, text, wait } from '../proxy/app-under-test/scripted-gateway.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The example app in front of a gateway that plays `steps`. */
async function startApp(steps: readonly Step[], key?: string) {
  const keys = key === undefined ? [] : [{ key, admin: false }]
  const gateway = await listening({ script: { choices: [steps] }, server: { keys } })
  const child = spawn(process.execPath, ['deploy/kubernetes/example-app.mjs'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      OPENAI_BASE_URL: `${gateway.url}/v1`,
      OPENAI_API_KEY: key ?? 'none',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  return { child, gateway, url: `http://127.0.0.1:${/\d+/.exec(line)?.[0]}` }
}

describe('the example app', () => {
  test('passes each part of an answer on as it comes', async () => {
    const held = deferred()
    const { url } = await startApp([text('Grüße'), wait(held.promise), text(' aus Kyoto'), end(2)])
    const response = await fetch(`${url}/ask?q=Write+a+postcard`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('Grüße')
    held.resolve()
    expect((await reader?.read())?.value).toMatch(/^ aus Kyoto\n?$/)
  })

  test('asks the model "costeer" with the key that it was given', async () => {
    const { url, gateway } = await startApp([text('Yes.'), end(1)], 'a-long-random-key')
    expect(await (await fetch(`${url}/ask?q=Really?`)).text()).toBe('Yes.\n')
    expect(gateway.gateway.requests).toMatchObject([{ model: 'costeer' }])
    expect(JSON.stringify(gateway.gateway.requests)).toContain('"Really?"')
  })

  test('says what went wrong, before the answer and in the middle of it', async () => {
    const failure = new GatewayError('upstream_timeout', 'The upstream said nothing for 30 s.')
    const { url } = await startApp([text('Dear'), { type: 'fail', error: failure }])
    expect(await (await fetch(`${url}/ask?q=Hello`)).text()).toBe('DearThe upstream said nothing for 30 s.\n')
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
  })

  test('answers its own probe and ends on SIGTERM', async () => {
    const { child, url } = await startApp([])
    expect(await (await fetch(`${url}/healthz`, { headers: { connection: 'close' } })).text()).toBe('ok\n')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
