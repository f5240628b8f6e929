import { expect, test } from 'vitest'
import { EngineHost } from '../../../src/slm/worker/engine-host.ts'

test('garbage is collected when the main thread says that nobody waits', async () => {
  const weak = new WeakRef({ large: new Array(1000).fill(0) })
  await new Promise(setImmediate)
  const ended = new Promise<void>((resolve) => {
    const host = new EngineHost({ post: () => {}, onEnd: resolve })
    host.receive({ type: 'garbage-collect' })
    host.receive({ type: 'worker-end' })
  })
  await ended
  expect(weak.deref()).toBeUndefined()
})
