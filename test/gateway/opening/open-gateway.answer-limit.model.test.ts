import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedGateway, servedGateway } from '../../proxy/app-under-test/served-gateway.ts'

const config = `upstreams:
  embedded: { kind: embedded, answer_tokens: 7 }
models: { names: { costeer: embedded } }
profiles: { folder: . }
`
const ask = {
  model: 'costeer',
  messages: [{ role: 'user' as const, content: 'Write a long story about a lighthouse.' }],
}

describe('an embedded model whose requests set no limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-limit-'))
  let gateway: ServedGateway
  let client: OpenAI

  beforeAll(async () => {
    writeFileSync(join(folder, 'config.yml'), config)
    gateway = await servedGateway(join(folder, 'config.yml'))
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.close()
    rmSync(folder, { recursive: true })
  })

  test.each([{}, { max_tokens: -1 }, { max_tokens: null }])(
    'ends at answer_tokens with %j',
    async (limit) => {
      const request = { ...ask, ...limit, temperature: 0, stream: false as const }
      const { choices, usage } = await client.chat.completions.create(request)
      expect(choices[0]?.finish_reason).toBe('length')
      expect(usage?.completion_tokens).toBe(7)
    },
  )

  test('may set a larger one', async () => {
    const { usage } = await client.chat.completions.create({ ...ask, temperature: 0, max_tokens: 12 })
    expect(usage?.completion_tokens).toBe(12)
  })
})
