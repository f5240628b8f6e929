import { describe, expect, test } from 'vitest'
import { listen } from '../../src/proxy/listen.ts'
import { listening } from './app-under-test/listening-app.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { testApp } from './app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

describe('listening', () => {
  test('wider than this machine needs keys', async () => {
    const { app, server } = testApp({ script })
    for (const host of ['0.0.0.0', '::', '192.168.1.4', 'box.lan']) {
      await expect(listen(app, { server: { ...server, host, port: 0 } })).rejects.toMatchObject({
        code: 'config_invalid',
        param: 'server.keys',
      })
    }
  })

  test('works wider with keys', async () => {
    const { url } = await listening({
      script,
      server: { host: '0.0.0.0', keys: [{ key: 'sk-plain-key', admin: false }] },
    })
    expect((await fetch(`${url}/v1/models`)).status).toBe(401)
  })

  test("on a port that is taken is refused with the setting's name", async () => {
    const { url, app, server } = await listening({ script })
    const port = Number(new URL(url).port)
    await expect(listen(app, { server: { ...server, port } })).rejects.toMatchObject({
      code: 'config_invalid',
      param: 'server.port',
      message: expect.stringContaining(`COSTEER_PORT=${port + 1}`),
    })
  })
})
