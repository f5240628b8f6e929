import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { upstreamCheck } from '../../../src/cli/doctor/upstream-check.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { importableGguf } from '../../models/importable-model.ts'
import { recordedText } from '../../models/recorded-text.ts'
import { LONGEST_WAIT_MS } from '../../setup/patience.ts'
import { readRecording } from '../../upstream/recorded/recorded-scenario.ts'
import { type FakeServer, startFakeServer } from '../../upstream/recorded/recorded-server.ts'

describe('the check of an upstream', () => {
  const kinds = ['llama-cpp', 'vllm'] as const
  let server: FakeServer
  const { recording, vocabulary } = readRecording('vllm')
  const parsed = (kind: (typeof kinds)[number], more: object = {}) =>
    configSchema.parse({ upstreams: { own: { kind, url: server.url, ...more } } }).upstreams.own as never
  const text = { ...recordedText('qwen2'), vocabulary }
  const options = { text, embeddedText: async () => null, home: '/none', timeoutMs: LONGEST_WAIT_MS }
  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
  })
  afterEach(() => server.close())

  test('says what a good server gives, and names its model', async () => {
    const { findings, model } = await upstreamCheck('own', parsed('vllm'), options)
    expect(findings).toMatchObject([{ check: 'upstream own', status: 'ok' }])
    expect(findings[0]?.message).toMatch(
      /window of \d+ tokens, up to \d+ log-probabilities \(as many as are cheap asked for\)/,
    )
    expect(findings[0]?.message).toContain(String(model))
  })

  test('reports that a server has another vocabulary, and what to change', async () => {
    const bytes = () => Buffer.from('x')
    const other = { ...options, text: { ...text, vocabulary: { ...vocabulary, bytes } } }
    const { findings } = await upstreamCheck('own', parsed('vllm'), other)
    expect(findings).toMatchObject([{ status: 'fail', message: expect.stringContaining('same family') }])
  })

  test('reports that a server is of another kind', async () => {
    const { findings } = await upstreamCheck('own', parsed('llama-cpp'), options)
    expect(findings).toMatchObject([{ status: 'fail' }])
  })

  test('reports a server that never answers', async () => {
    server.intercept(() => true)
    const { findings } = await upstreamCheck('own', parsed('vllm'), { ...options, timeoutMs: 50 })
    expect(findings).toMatchObject([{ status: 'fail', message: expect.stringContaining('--timeout') }])
  })

  test('checks only that it answers while there is no local model to compare with', async () => {
    const { findings } = await upstreamCheck('own', parsed('vllm'), { ...options, text: null })
    expect(findings).toMatchObject([
      { status: 'warn', message: expect.stringContaining('once the local model') },
    ])
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/models'])
  })

  test('reports that the configured tokenizer is not that of the server', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'costeer-doctor-'))
    const tokenizer = join(folder, 'other.gguf')
    await writeFile(tokenizer, importableGguf())
    const config = parsed('vllm', { alignment: 'map', tokenizer })
    const { findings } = await upstreamCheck('own', config, options)
    expect(findings).toMatchObject([{ status: 'fail', message: expect.stringContaining(tokenizer) }])
  })

  test('reports how much of an embedded upstream of another vocabulary is covered', async () => {
    const config = configSchema.parse({ upstreams: { own: { kind: 'embedded', alignment: 'bytes' } } })
      .upstreams.own as never
    const aligned = {
      ...options,
      text: recordedText('smollm'),
      embeddedText: async () => recordedText('qwen2'),
    }
    const { findings } = await upstreamCheck('own', config, aligned)
    expect(findings).toMatchObject([
      { status: 'ok', message: expect.stringContaining('vocabulary of its own') },
      { check: 'alignment own', status: 'ok', message: expect.stringMatching(/^bytes covers \d+\.\d %/) },
    ])
  })

  test('finds out that an embedded upstream has another vocabulary', async () => {
    const config = configSchema.parse({ upstreams: { own: { kind: 'embedded' } } }).upstreams.own as never
    const embeddedText = async () => recordedText('qwen2')
    const other = { ...options, text: recordedText('smollm'), embeddedText }
    const { findings } = await upstreamCheck('own', config, other)
    expect(findings).toMatchObject([{ status: 'fail', message: expect.stringContaining('alignment: map') }])
  })
})
