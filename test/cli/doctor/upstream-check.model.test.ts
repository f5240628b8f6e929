import { expect, onTestFinished, test } from 'vitest'
import { upstreamCheck } from '../../../src/cli/doctor/upstream-check.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { LONGEST_WAIT_MS } from '../../setup/patience.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { readRecording } from '../../upstream/recorded/recorded-scenario.ts'
import { startFakeServer } from '../../upstream/recorded/recorded-server.ts'

/** The check of an Ollama as one answered, whose list of models is changed. */
async function checked(changed: (models: string) => string) {
  const { recording } = readRecording('ollama')
  const exchanges = recording.exchanges.map((exchange) =>
    exchange.path === '/api/tags' ? { ...exchange, reply: changed(exchange.reply) } : exchange,
  )
  const server = await startFakeServer(exchanges)
  onTestFinished(() => server.close())
  const own = { kind: 'ollama', url: server.url, model: 'smol' }
  const { upstreams } = configSchema.parse({ upstreams: { own } })
  const text = await installedModel('smollm2-135m')
  const options = { text, embeddedText: async () => null, home: '/none', timeoutMs: LONGEST_WAIT_MS }
  return (await upstreamCheck('own', upstreams.own as never, options)).findings
}

test("doctor says where a model of Ollama's cloud runs, and warns of it", async () => {
  const remote = (models: string) =>
    models.replace('"name":"smol:latest"', '"name":"smol:latest","remote_host":"https://ollama.com:443"')
  const [finding] = await checked(remote)
  expect(finding).toMatchObject({ status: 'warn' })
  expect(finding?.message).toContain('It runs at https://ollama.com:443, not there.')
  const [local] = await checked((models) => models)
  expect(local?.message).not.toContain('It runs at')
  expect(local).toMatchObject({ fix: expect.stringContaining('OLLAMA_NUM_PARALLEL') })
})
