import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { listening, until } from '../../proxy/app-under-test/listening-app.ts'
import { deferred, end, text, wait } from '../../proxy/app-under-test/scripted-gateway.ts'
import { eventData } from '../../proxy/sse/sse-reading.ts'

const run = promisify(execFile)
const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], stream: true })
function post(url: string) {
  return ['-sN', `${url}/v1/chat/completions`, '-H', 'content-type: application/json', '-d', body]
}

describe('curl -N', () => {
  test('shows each token when it comes', async () => {
    const rest = deferred()
    const script = { choices: [[text('Good'), wait(rest.promise), text(' day'), end(2)]] }
    const { url } = await listening({ script })
    const curl = spawn('curl', post(url))
    let shown = ''
    curl.stdout.setEncoding('utf8').on('data', (piece: string) => {
      shown += piece
    })
    await until(() => shown.includes('"content":"Good"'))
    expect(shown).not.toContain(' day')
    rest.resolve()
    await new Promise((resolve) => curl.on('close', resolve))
    expect(eventData([shown]).at(-1)).toBe('[DONE]')
  })

  test('ends the decoding when it is interrupted', async () => {
    const { url, gateway } = await listening({ script: { choices: [[text('Good'), { type: 'hang' }]] } })
    const curl = spawn('curl', post(url))
    await new Promise((resolve) => curl.stdout.once('data', resolve))
    curl.kill('SIGINT')
    await until(() => gateway.ended() === 1)
  })

  test('gets errors as JSON with their status', async () => {
    const { url } = await listening({ script: { choices: [[]] } })
    const { stdout } = await run('curl', ['-s', '-w', '%{http_code}', `${url}/v1/nothing`])
    expect(stdout).toMatch(/^\{"error":\{.*"code":"unknown_url"\}\}404$/)
  })
})
