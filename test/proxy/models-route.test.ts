import { describe, expect, test } from 'vitest'
import { end, text } from './app-under-test/scripted-gateway.ts'
import { testApp } from './app-under-test/test-app.ts'

const script = { choices: [[text('x'), end(1)]] }

describe('models', () => {
  test('are listed, aliases too', async () => {
    const { app } = testApp({ script })
    expect(await (await app.request('/v1/models')).json()).toEqual({
      object: 'list',
      data: [
        { id: 'big', object: 'model', created: 1_700_000_000, owned_by: 'costeer' },
        { id: 'acme/alias', object: 'model', created: 1_700_000_001, owned_by: 'costeer' },
      ],
    })
  })

  test.each(['/v1/models/acme/alias', '/v1/models/acme%2Falias'])('are found by name: %s', async (path) => {
    const { app } = testApp({ script })
    const response = await app.request(path)
    expect(await response.json()).toMatchObject({ id: 'acme/alias' })
  })
})
