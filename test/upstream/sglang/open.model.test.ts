import { afterAll } from 'vitest'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openEmbedded } from '../../../src/upstream/embedded.ts'
import { openSglang } from '../../../src/upstream/sglang/open.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { describeUpstream } from '../contract/upstream-contract.ts'
import { startSglangFake } from './sglang-fake.ts'

const engine = startEngine()
const opened: { close(): Promise<void> }[] = [{ close: async () => engine.close() }]
afterAll(async () => {
  for (const resource of opened.reverse()) await resource.close()
})

describeUpstream('SGLang, played by the embedded model', async () => {
  const model = await installedModel('smollm2-135m')
  const { vocabulary, tokenizer } = model
  const embedded = await openEmbedded({ model: 'smollm2-135m', engine, ...model })
  const server = await startSglangFake({ upstream: embedded, tokenizer })
  opened.push(embedded, server)
  return {
    upstream: await openSglang({ url: server.url, vocabulary, tokenizer }),
    tokenizer,
    tolerance: 1e-9,
    isIdle: async () => server.working() === 0,
  }
})
