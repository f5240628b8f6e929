import { afterAll } from 'vitest'
import { startEngine } from '../../src/slm/engine/engine.ts'
import { openEmbedded } from '../../src/upstream/embedded.ts'
import { installedModel } from '../slm/installed-model.ts'
import { describeUpstream } from './contract/upstream-contract.ts'

const engine = startEngine()
afterAll(() => engine.close())

describeUpstream('the embedded upstream', async () => {
  const model = await installedModel('smollm2-135m')
  const upstream = await openEmbedded({ model: 'smollm2-135m', engine, ...model })
  return { upstream, tokenizer: model.tokenizer, tolerance: 0 }
})
