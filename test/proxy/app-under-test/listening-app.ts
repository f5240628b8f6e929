import { afterEach } from 'vitest'
import { type Listening, listen } from '../../../src/proxy/listen.ts'
import { type TestApp, type TestAppOptions, testApp } from './test-app.ts'

const open: Listening[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

/** The test app on a free port of this machine; closed after the test. */
export async function listening(options: TestAppOptions): Promise<TestApp & Listening> {
  const tested = testApp({ ...options, server: { port: 0, drain_ms: 0, ...options.server } })
  const server = await listen(tested.app, {
    server: tested.server,
    ...(options.timers === undefined ? {} : { timers: options.timers }),
  })
  open.push(server)
  return { ...tested, ...server }
}

/** Resolves once `condition` holds; the test's own time limit ends the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
