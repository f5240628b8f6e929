import { describe, onTestFinished, test } from 'vitest'
import { ProfileStore } from '../../../src/profiles/profile-store.ts'
import { listening } from '../../proxy/app-under-test/listening-app.ts'
import { end, text } from '../../proxy/app-under-test/scripted-gateway.ts'
import { embeddedGateway } from '../../proxy/app-under-test/served-gateway.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { schemathesis } from './schemathesis.ts'

describe('requests made up from /openapi.json', () => {
  test('meet what it says at the HTTP layer', async () => {
    const script = { choices: [[text('Good'), text(' day'), end(2)]] }
    const keys = [{ key: 'fuzzing-key', admin: true }]
    const store = await ProfileStore.open(temporaryFolder(), { watch: false })
    onTestFinished(() => store.close())
    const { url } = await listening({ script, server: { keys }, profiles: { store } })
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
