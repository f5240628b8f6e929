import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AssembledGateway, assembledGateway } from './assembled-gateway.ts'
import { ask, type Seen } from './client.ts'
import { type Fault, type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts'
import { type TinyHome, tinyHome } from './tiny-home.ts'
import { llamaCppProtocol, vllmProtocol } from './upstream-protocols.ts'
import { wordModel } from './word-model.ts'

const BEYOND = 10_000_000
function refusal(status: number, headers = {}): Fault {
  return { type: 'refusal', status, headers }
}

/** What becomes of an answer, by fault: status and code before its first token, code after it. */
const faults: readonly {
  readonly name: string
  readonly fault: Fault
  readonly status: number
  readonly code: string
  /** Where it is another one for the rest of a stream. */
  readonly streamed?: string
}[] = [
  { name: 'connections refused', fault: { type: 'away' }, status: 502, code: 'upstream_unreachable' },
  { name: 'a reset', fault: { type: 'reset' }, status: 502, code: 'upstream_unreachable' },
  {
    name: 'half a JSON line',
    fault: { type: 'half-piece' },
    status: 502,
    code: 'upstream_invalid_reply',
    streamed: 'upstream_unreachable',
  },
  { name: 'a stall', fault: { type: 'stall' }, status: 504, code: 'upstream_timeout' },
  { name: '429', fault: refusal(429, { 'retry-after': '7' }), status: 429, code: 'overloaded' },
  { name: '500', fault: refusal(500), status: 502, code: 'upstream_refused' },
  { name: 'the wrong model (404)', fault: refusal(404), status: 502, code: 'upstream_refused' },
  {
    name: 'token ids out of range',
    fault: {
      type: 'altered',
      alter: (top) => top.map(({ id, logprob }) => ({ id: id + BEYOND, logprob })),
    },
    status: 502,
    code: 'upstream_invalid_reply',
  },
  {
    name: 'NaN for a log-probability',
    fault: {
      type: 'altered',
      alter: (top) => top.map(({ id }) => ({ id, logprob: -4.5 })),
      edit: (text) => text.replaceAll('-4.5', 'NaN'),
    },
    status: 502,
    code: 'upstream_invalid_reply',
  },
  {
    name: 'null for a log-probability',
    fault: {
      type: 'altered',
      alter: (top) => top.map(({ id }) => ({ id, logprob: Number.NaN })),
    },
    status: 502,
    code: 'upstream_invalid_reply',
  },
]

/**
 * How the gateway asks: guesses ahead in streams, position by position, or one stream for a caller without a
 * profile.
 */
const modes = {
  lookahead: {},
  'token by token': { costeer: { lookahead: 'off' } },
  unsteered: { costeer: { profile: 'none', seed: 1 } },
} as const
const modeNames = Object.keys(modes) as (keyof typeof modes)[]

const kinds = { 'llama-cpp': llamaCppProtocol, vllm: vllmProtocol }

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s upstream', (kind) => {
  let home: TinyHome
  let upstream: FaultyUpstream
  let gateway: AssembledGateway
  const healthy = new Map<string, Seen>()

  beforeAll(async () => {
    home = await tinyHome()
    const { environment } = home
    upstream = await faultyUpstream(kinds[kind](await wordModel('tiny', environment)))
    const server = `kind: ${kind}, url: "${upstream.url}", candidates: 20`
    gateway = await assembledGateway(
      `local: { model: tiny }
upstreams:
  steady: { ${server}, retries: 0 }
  hasty: { ${server}, retries: 0, first_byte_ms: 200, idle_ms: 200 }
  retrying: { ${server}, retries: 2 }
models: { names: { steady: steady, hasty: hasty, retrying: retrying } }
steering: { strength: 1 }
`,
      { environment, upstreams: [upstream] },
    )
    for (const mode of modeNames) healthy.set(mode, await answer(mode))
  })
  afterEach(async () => {
    await upstream.heal()
    await gateway.settled()
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
    await home.remove()
  })

  const answer = (mode: keyof typeof modes, more: object = {}): Promise<Seen> =>
    ask(gateway.url, { model: 'steady', max_tokens: 5, temperature: 0, ...modes[mode], ...more })

  /** The next answer is the one that an undisturbed gateway gives. */
  async function expectRecovery(mode: keyof typeof modes): Promise<void> {
    await upstream.heal()
    await gateway.settled()
    const next = await answer(mode)
    expect(next).toMatchObject({ status: 200, error: null, text: healthy.get(mode)?.text })
    expect(next.headers['x-costeer-steering']).toBe(mode === 'unsteered' ? 'off' : 'on')
  }

  describe.each(modeNames)('%s', (mode) => {
    describe.each(faults)('$name', ({ fault, status, code, streamed = code }) => {
      const model = fault.type === 'stall' ? 'hasty' : 'steady'
      const asked = mode === 'token by token' ? code : streamed

      // Both ways of replying are the same for both kinds of server.
      const replies = kind === 'vllm' ? [true] : [false, true]

      test.each(replies)('before the first token (stream: %s)', async (stream) => {
        upstream.begin(fault)
        const failed = await answer(mode, { model, stream })
        expect(failed).toMatchObject({ status, error: asked, text: '', done: false })
        expect(failed.headers['retry-after']).toBe(status === 429 ? '7' : undefined)
        await expectRecovery(mode)
      })

      test.each(replies)('after the first token (stream: %s)', async (stream) => {
        const promptTokens = healthy.get(mode)?.promptTokens ?? 0
        upstream.begin(fault, { promptTokens, afterTokens: 2 })
        const failed = await answer(mode, { model, stream })
        expect(failed).toMatchObject({ status: stream ? 200 : status, error: asked, done: false })
        if (stream) {
          expect(failed.text).not.toBe('')
          expect(healthy.get(mode)?.text.startsWith(failed.text)).toBe(true)
        }
        await expectRecovery(mode)
      })
    })
  })
})
