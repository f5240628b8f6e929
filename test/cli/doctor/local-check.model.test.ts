import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localCheck } from '../../../src/cli/doctor/local-check.ts'
import { localSchema } from '../../../src/config/local-settings.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openEmbedded } from '../../../src/upstream/embedded.ts'
import { type LocalServerFake, startLocalServerFake } from '../../local-server/local-server-fake.ts'
import { LONGEST_WAIT_MS } from '../../setup/patience.ts'
import { installedModel } from '../../slm/installed-model.ts'

const MODEL = 'smollm2-135m'

describe('where doctor says that the profile goes', () => {
  let fake: LocalServerFake
  const closing: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    const model = await installedModel(MODEL)
    const engine = startEngine()
    const upstream = await openEmbedded({ engine, model: MODEL, ...model })
    fake = await startLocalServerFake({ upstream, tokenizer: model.tokenizer, slots: 4 })
    closing.push(fake, upstream, engine)
  }, 300_000)
  afterAll(async () => {
    for (const one of closing) await one.close()
  })

  function check(host: string, more: object = {}) {
    const url = `http://${host}:${new URL(fake.url).port}`
    const local = localSchema.parse({ kind: 'llama-cpp', url, tokenizer: MODEL, ...more })
    const home = readEnvironment().costeerHome
    return localCheck(local, { home, textOf: async () => null, timeoutMs: LONGEST_WAIT_MS })
  }

  test('to a server on this machine, with how many answers it serves', async () => {
    const { finding, name, text } = await check('127.0.0.1')
    expect(finding).toEqual({
      check: 'local model',
      status: 'ok',
      message: `The profile goes to ${fake.url}, which serves next-door, for 2 answers at a time. That is on this machine.`,
    })
    expect(name).toBe('next-door')
    expect(text?.vocabulary.size).toBeGreaterThan(1000)
  })

  test('to another machine that was trusted, which is a warning', async () => {
    const { finding } = await check('0.0.0.0', { trusted: true })
    expect(finding).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('another machine, which local.trusted allows: it reads the profile.'),
      fix: expect.stringContaining('loopback'),
    })
  })
})
