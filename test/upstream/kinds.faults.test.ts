import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { unguarded } from '../../src/guard/public.ts'
import { tokenIds } from '../../src/steer/token-id.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { openLlamaCpp } from '../../src/upstream/llama-cpp/open.ts'
import type { UpstreamOptions } from '../../src/upstream/served/upstream-options.ts'
import { openVllm } from '../../src/upstream/vllm/open.ts'
import { greedySampling, readRecording } from './recorded/recorded-scenario.ts'
import { type FakeServer, type Intercept, startFakeServer } from './recorded/recorded-server.ts'

const CANARY = 'canary text of a prompt'

async function errorOf(failing: Promise<unknown>): Promise<GatewayError> {
  const error = await failing.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GatewayError)) throw new Error(`not a GatewayError: ${String(error)}`)
  expect(JSON.stringify({ ...error, message: error.message, cause: error.cause })).not.toContain(CANARY)
  expect(error.message).toMatch(/\.$/)
  return error
}

function reply(status: number, body: string, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
}
function refusing(message: string, type: string): string {
  return JSON.stringify({ error: { message: `${message}: ${CANARY}`, type, code: 400 } })
}

interface Kind {
  readonly name: string
  readonly open: (options: UpstreamOptions) => Promise<Upstream>
  readonly path: string
  /** A whole answer to one prompt with these candidates. */
  readonly answer: (top: readonly (readonly [unknown, unknown])[]) => string
  /** One event of a stream, which is not the last. */
  readonly event: (at: number) => string
}

const kinds: readonly Kind[] = [
  {
    name: 'llama-cpp',
    open: openLlamaCpp,
    path: '/completion',
    answer: (top) =>
      JSON.stringify({
        index: 0,
        completion_probabilities: [{ id: 1, top_logprobs: top.map(([id, logprob]) => ({ id, logprob })) }],
      }),
    event: (at) =>
      JSON.stringify({
        tokens: [5],
        tokens_predicted: at,
        stop: false,
        completion_probabilities: [{ id: 5, top_logprobs: [{ id: 5, logprob: -0.1 }] }],
      }),
  },
  {
    name: 'vllm',
    open: openVllm,
    path: '/v1/completions',
    answer: (top) =>
      JSON.stringify({
        choices: [
          {
            index: 0,
            token_ids: [1],
            logprobs: { top_logprobs: [Object.fromEntries(top.map(([id, lp]) => [`token_id:${id}`, lp]))] },
          },
        ],
      }),
    event: () =>
      JSON.stringify({
        choices: [{ index: 0, token_ids: [5], logprobs: { top_logprobs: [{ 'token_id:5': -0.1 }] } }],
      }),
  },
]

describe.each(kinds)('$name', ({ name, open, path, answer, event }) => {
  const { recording, vocabulary } = readRecording(name)
  const prefix = unguarded(tokenIds([1, 2, 3]))
  const signal = new AbortController().signal
  let server: FakeServer
  let upstream: Upstream

  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
    upstream = await open({ url: server.url, vocabulary })
  })
  afterEach(async () => {
    await upstream.close()
    await server.close()
  })

  /** Long enough for a busy machine to open the upstream. */
  const HASTE_MS = 800
  const BEAT_MS = 60
  /** Opens the upstream anew, to wait for nothing any longer. */
  const hasten = async (): Promise<void> => {
    await upstream.close()
    upstream = await open({
      url: server.url,
      vocabulary,
      timeouts: { firstByteMs: HASTE_MS, idleMs: HASTE_MS },
    })
  }
  const script = (respond: (response: ServerResponse) => void): void => {
    const intercept: Intercept = (request, response) => {
      if (request.path !== path) return false
      respond(response)
      return true
    }
    server.intercept(intercept)
  }
  const ask = (candidates = 2) => upstream.distributions({ prefixes: [prefix], candidates, signal })
  const read = async (onStep: () => void = () => {}): Promise<number> => {
    const query = { prefix, candidates: 1, maxTokens: 50, sampling: greedySampling, signal }
    let steps = 0
    for await (const _ of upstream.stream(query)) {
      steps++
      onStep()
    }
    return steps
  }
  const streaming = (response: ServerResponse, text: string): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text)
  }

  describe('replies', () => {
    test.each([
      [400, 'upstream_refused'],
      [401, 'upstream_refused'],
      [404, 'upstream_refused'],
      [429, 'overloaded'],
      [500, 'upstream_refused'],
      [502, 'upstream_unreachable'],
      [503, 'overloaded'],
      [504, 'upstream_timeout'],
    ])('status %i is %s', async (status, code) => {
      script(reply(status, refusing('No', 'some_type')))
      const error = await errorOf(ask())
      expect(error.code).toBe(code)
      expect(error.message).toContain(`HTTP ${status}, some_type`)
      expect(error.retryAfterSeconds).toBeNull()
    })

    test('Retry-After is passed on', async () => {
      script(reply(429, '', { 'retry-after': '7' }))
      expect((await errorOf(ask())).retryAfterSeconds).toBe(7)
      script(reply(503, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }))
      expect((await errorOf(ask())).retryAfterSeconds).toBeGreaterThan(50)
      script(reply(503, '', { 'retry-after': 'soon' }))
      expect((await errorOf(ask())).retryAfterSeconds).toBeNull()
    })

    test.each([
      ["This model's maximum context length is 4096 tokens", 'BadRequestError'],
      ['request exceeds', 'exceed_context_size_error'],
    ])('an overflow (%s) is one of the context', async (message, type) => {
      script(reply(400, refusing(message, type)))
      expect((await errorOf(ask())).code).toBe('context_length_exceeded')
    })

    test.each([
      ['half a line of JSON', answer([[1, -1]]).slice(0, 30)],
      ['no JSON', `<html>${CANARY}</html>`],
      ['another shape', JSON.stringify({ text: CANARY })],
      [
        'ids beyond the vocabulary',
        answer([
          [1, -1],
          [10_000_000, -2],
        ]),
      ],
      [
        'negative ids',
        answer([
          [1, -1],
          [-4, -2],
        ]),
      ],
      [
        'fractions as ids',
        answer([
          [1, -1],
          [2.5, -2],
        ]),
      ],
      [
        'null for NaN',
        answer([
          [1, null],
          [2, -2],
        ]),
      ],
      [
        'NaN as itself',
        answer([
          [1, -1],
          [2, -7],
        ]).replace('-7', 'NaN'),
      ],
      [
        'positive log-probabilities',
        answer([
          [1, 3],
          [2, -2],
        ]),
      ],
      ['too few candidates', answer([[1, -1]])],
      ['no candidates', answer([])],
    ])('%s is an invalid reply', async (_, body) => {
      script(reply(200, body))
      expect((await errorOf(ask())).code).toBe('upstream_invalid_reply')
    })

    test('floors mean minus infinity, and candidates are put in order', async () => {
      script(
        reply(
          200,
          answer([
            [3, -9999],
            [9, -1],
            [4, -1],
            [8, -0.9],
            [5, -3.4e38],
          ]),
        ),
      )
      const [distribution] = await ask(5)
      expect([...(distribution?.ids ?? [])]).toEqual([8, 4, 9, 3, 5])
      expect([...(distribution?.logprobs ?? [])].slice(3)).toEqual([-Infinity, -Infinity])
      expect(distribution?.complete).toBe(false)
    })

    test('surplus candidates are cut', async () => {
      script(
        reply(
          200,
          answer([
            [3, -4],
            [9, -1],
            [4, -2],
          ]),
        ),
      )
      expect([...((await ask(2))[0]?.ids ?? [])]).toEqual([9, 4])
    })
  })

  describe('connections', () => {
    test('a server that is gone is unreachable', async () => {
      await server.close()
      const error = await errorOf(ask())
      expect(error.code).toBe('upstream_unreachable')
      expect(error.message).toContain('ECONNREFUSED')
    })

    test('a reset before the reply is tried once more', async () => {
      let resets = 0
      script((response) => {
        if (resets++ === 0) response.socket?.resetAndDestroy()
        else
          reply(
            200,
            answer([
              [1, -1],
              [2, -2],
            ]),
          )(response)
      })
      expect(await ask()).toHaveLength(1)
      script((response) => response.socket?.resetAndDestroy())
      expect((await errorOf(ask())).code).toBe('upstream_unreachable')
    })

    test('a reset in the middle of a reply is not', async () => {
      let requests = 0
      script((response) => {
        requests++
        response.writeHead(200, { 'content-length': 1000 }).write('{"choices":')
        setImmediate(() => response.socket?.resetAndDestroy())
      })
      expect((await errorOf(ask())).code).toBe('upstream_unreachable')
      expect(requests).toBe(1)
    })

    test('silence before the first byte times out and closes the connection', async () => {
      await hasten()
      script(() => {})
      expect((await errorOf(ask())).code).toBe('upstream_timeout')
      await vi.waitFor(() => expect(server.openReplies()).toBe(0))
    })

    test('an abort rejects with its reason and closes the connection', async () => {
      const controller = new AbortController()
      const reason = new Error('nobody waits')
      script(() => controller.abort(reason))
      const asking = upstream.distributions({ prefixes: [prefix], candidates: 2, signal: controller.signal })
      await expect(asking).rejects.toBe(reason)
      await vi.waitFor(() => expect(server.openReplies()).toBe(0))
    })
  })

  describe('streams', () => {
    test('silence between tokens times out and closes the connection', async () => {
      await hasten()
      script((response) => streaming(response, `data: ${event(1)}\n\n`))
      let steps = 0
      expect((await errorOf(read(() => steps++))).code).toBe('upstream_timeout')
      expect(steps).toBe(1)
      await vi.waitFor(() => expect(server.openReplies()).toBe(0))
    })

    test('comments keep a silent stream alive', async () => {
      await hasten()
      script((response) => {
        streaming(response, `data: ${event(1)}\n\n`)
        let beats = 0
        const timer = setInterval(() => {
          if (++beats < 2 * (HASTE_MS / BEAT_MS)) response.write(': ping\n\n')
          else {
            clearInterval(timer)
            response.end()
          }
        }, BEAT_MS)
      })
      expect((await errorOf(read())).code).toBe('upstream_unreachable')
    })

    test('a slow reader is not taken for a silent server', async () => {
      await hasten()
      script((response) => {
        streaming(response, `data: ${event(1)}\n\ndata: ${event(2)}\n\n`)
        response.end()
      })
      const query = { prefix, candidates: 1, maxTokens: 2, sampling: greedySampling, signal }
      const steps = upstream.stream(query)[Symbol.asyncIterator]()
      await steps.next()
      await new Promise((resolve) => setTimeout(resolve, HASTE_MS * 1.25))
      expect((await steps.next()).done).toBe(false)
      await steps.return?.()
    })

    test('an end without the last event is a break', async () => {
      script((response) => {
        streaming(response, `data: ${event(1)}\n\ndata: ${event(2)}\n\n`)
        response.end()
      })
      let steps = 0
      expect((await errorOf(read(() => steps++))).code).toBe('upstream_unreachable')
      expect(steps).toBe(2)
    })

    test('half an event is a break', async () => {
      script((response) => {
        streaming(response, `data: ${event(1).slice(0, 20)}`)
        response.end()
      })
      expect((await errorOf(read())).code).toBe('upstream_unreachable')
    })

    test('an event that is not JSON is an invalid reply', async () => {
      script((response) => streaming(response, `data: ${CANARY}\n\n`))
      expect((await errorOf(read())).code).toBe('upstream_invalid_reply')
    })

    test('an error inside the stream ends it as that error', async () => {
      const inBand = JSON.stringify({ error: { message: CANARY, type: 'overloaded_error', code: 503 } })
      script((response) => streaming(response, `data: ${event(1)}\n\ndata: ${inBand}\n\n`))
      const error = await errorOf(read())
      expect(error.code).toBe('overloaded')
      expect(error.message).toContain('HTTP 503, overloaded_error')
    })

    test('leaving the loop closes the connection', async () => {
      script((response) => streaming(response, `data: ${event(1)}\n\ndata: ${event(2)}\n\n`))
      const query = { prefix, candidates: 1, maxTokens: 50, sampling: greedySampling, signal }
      for await (const step of upstream.stream(query)) {
        expect(step.token).toBe(5)
        break
      }
      await vi.waitFor(() => expect(server.openReplies()).toBe(0))
    })
  })
})
