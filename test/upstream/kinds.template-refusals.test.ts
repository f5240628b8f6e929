import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { unguarded } from '../../src/guard/public.ts'
import type { ChatMessage } from '../../src/steer/chat-prompt.ts'
import type { Upstream } from '../../src/steer/upstream.ts'
import { openLlamaCpp } from '../../src/upstream/llama-cpp/open.ts'
import type { UpstreamOptions } from '../../src/upstream/served/upstream-options.ts'
import { openVllm } from '../../src/upstream/vllm/open.ts'
import { readRecording } from './recorded/recorded-scenario.ts'
import { type FakeServer, startFakeServer } from './recorded/recorded-server.ts'

interface Refused {
  readonly status: number
  readonly said: string
}
type Template = (messages: readonly ChatMessage[]) => Refused | null

const CANARY = 'hunter2 is my password'
const ALTERNATE = 'Conversation roles must alternate user/assistant/user/assistant/...'

interface Kind {
  readonly name: string
  readonly open: (options: UpstreamOptions) => Promise<Upstream>
  readonly path: string
  readonly rendered: object
  /** What the server makes of a template's own words; the first as today, the others as older versions. */
  readonly wordings: readonly ((reason: string) => Refused)[]
}

const kinds: readonly Kind[] = [
  {
    name: 'llama-cpp',
    open: openLlamaCpp,
    path: '/apply-template',
    rendered: { prompt: 'rendered' },
    wordings: [
      (reason) => ({
        status: 400,
        said: `Unable to generate parser for this template. Automatic parser generation failed: \n------------\nWhile executing CallExpression at line 3, column 83 in source:\n...p.index0 % 2 == 0) -%}{{ raise_exception('Some...\n      ^\nError: Jinja Exception: ${reason}`,
      }),
      (reason) => ({ status: 500, said: `${reason} at row 3, column 83:\n{{ raise_exception('Some\n   ^\n` }),
    ],
  },
  {
    name: 'vllm',
    open: openVllm,
    path: '/tokenize',
    rendered: { tokens: [1, 2] },
    wordings: [(reason) => ({ status: 400, said: reason })],
  },
]

function user(content: string): ChatMessage {
  return { role: 'user', content }
}

describe.each(kinds)('a chat template of $name', ({ name, open, path, rendered, wordings }) => {
  const { recording, vocabulary } = readRecording(name)
  const { signal } = new AbortController()
  let server: FakeServer
  let upstream: Upstream
  let asked: string[]

  beforeEach(async () => {
    server = await startFakeServer(recording.exchanges)
    upstream = await open({ url: server.url, vocabulary })
    asked = []
  })
  afterEach(async () => {
    await upstream.close()
    await server.close()
  })

  const serving = (template: Template): void => {
    server.intercept((request, response) => {
      const { messages } = JSON.parse(request.body || '{}')
      if (messages === undefined) {
        response.end('{"tokens":[1,2]}')
        return true
      }
      expect(request.path).toBe(path)
      asked.push(request.body)
      const refused = template(messages)
      const error = { message: refused?.said, type: 'invalid_request_error', code: refused?.status }
      response.writeHead(refused?.status ?? 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(refused === null ? rendered : { error }))
      return true
    })
  }
  const failure = async (...messages: ChatMessage[]): Promise<GatewayError> => {
    const encoding = upstream.encodeChat(unguarded({ messages }), signal)
    const error = await encoding.catch((reason: unknown) => reason)
    if (!(error instanceof GatewayError)) throw new Error(`not a GatewayError: ${String(error)}`)
    expect(JSON.stringify({ ...error, message: error.message, cause: error.cause })).not.toContain('hunter2')
    return error
  }

  test.each(wordings)('that refuses an order of roles is quoted: %#', async (wording) => {
    serving(([first, second]) => (first?.role === second?.role ? wording(ALTERNATE) : null))
    expect(await failure(user(CANARY), user('b'))).toMatchObject({
      code: 'invalid_request',
      param: 'messages',
      message: `The chat template of the upstream at ${server.url} refuses these messages. It says "${ALTERNATE}". Change them, or start the server with another template.`,
    })
  })

  test.each(wordings)('that fails of itself is quoted as well: %#', async (wording) => {
    serving((messages) => (messages.length > 1 ? wording("'None' has no element 0") : null))
    const error = await failure(user(CANARY), { role: 'assistant', content: '' }, user('b'))
    expect(error.message).toContain(`says "'None' has no element 0"`)
  })

  test.each(wordings)('that quotes a message is not: %#', async (wording) => {
    serving((messages) => {
      const culprit = messages.find(({ role }) => role === 'system')
      return culprit === undefined ? null : wording(`No: ${culprit.content}`)
    })
    const error = await failure({ role: 'system', content: CANARY }, user('b'))
    expect(error).toMatchObject({ code: 'invalid_request', param: 'messages' })
    expect(error.message).toContain('Its log has the reason.')
  })

  test.each(wordings)('that refuses what a message says is not quoted either: %#', async (wording) => {
    serving((messages) =>
      messages.some(({ content }) => content === CANARY) ? wording('Say hunter2 elsewhere') : null,
    )
    expect((await failure(user(CANARY))).message).toContain('Its log has the reason.')
  })

  test.each(wordings)('that renders nothing at all is a fault of the server: %#', async (wording) => {
    serving(() => wording('There is no chat template'))
    const error = await failure(user('a'))
    expect(error.code).toBe('upstream_refused')
    expect(error.message).toContain('HTTP')
  })

  test.each([401, 403, 404, 429, 502, 503])('is not blamed for a refusal with status %i', async (status) => {
    serving(([first, second]) => (first?.role === second?.role ? { status, said: ALTERNATE } : null))
    const error = await failure(user('a'), user('b'))
    expect(error.code).not.toBe('invalid_request')
    expect(asked).toHaveLength(1)
  })

  test('is asked again with placeholders alone, and no more than twice', async () => {
    serving(([first, second]) => (first?.role === second?.role ? (wordings[0]?.(ALTERNATE) ?? null) : null))
    await failure(user(CANARY), user(''), user('b'))
    expect(asked).toHaveLength(3)
    expect(asked.slice(1).join()).not.toContain('hunter2')
    expect(JSON.parse(asked[2] ?? '').messages).toMatchObject([{ role: 'user' }, user(''), { role: 'user' }])
  })
})
