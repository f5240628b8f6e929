import { describe, test } from 'vitest'
import { embeddedGateway } from '../clients/served-gateway.ts'
import { listening } from '../proxy/listening.ts'
import { end, text } from '../proxy/scripted-gateway.ts'
import { schemathesis } from './schemathesis.ts'

describe('requests made up from /openapi.json', () => {
  test('meet what it says at the HTTP layer', async () => {
    const script = { choices: [[text('Good'), text(' day'), end(2)]] }
    const keys = [{ key: 'fuzzing-key', admin: false }]
    const { url } = await listening({ script, server: { keys } })
    await schemathesis({ url, maxExamples: 100, seed: 1, headers: { authorization: 'Bearer fuzzing-key' } })
  })

  test('meet what it says with the embedded model behind it', async () => {
    const gateway = await embeddedGateway()
    try {
      const { url } = gateway
      await schemathesis({ url, maxExamples: 10, seed: 2, phases: 'examples,coverage' })
      // Their answers are short when nothing else is said.
      await schemathesis({ url, maxExamples: 50, seed: 3, phases: 'fuzzing', path: '/v1/completions' })
    } finally {
      await gateway.close()
    }
  })
})
