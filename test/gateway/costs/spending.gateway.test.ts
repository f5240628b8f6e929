import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { errorEnvelopeSchema } from '../../../src/proxy/errors/error-schema.ts'
import { eventData } from '../../proxy/sse/sse-reading.ts'
import { type AssembledGateway, assembledGateway } from '../../suites/faults/assembled-gateway.ts'
import { type FaultyUpstream, faultyUpstream } from '../../suites/faults/faulty-upstream.ts'
import { type TinyHome, tinyHome } from '../../suites/faults/tiny-home.ts'
import { llamaCppProtocol } from '../../suites/faults/upstream-protocols.ts'
import { type WordModel, wordModel } from '../../suites/faults/word-model.ts'

const messages = [{ role: 'user' as const, content: 'Describe the way to the lighthouse.' }]
/** One for a token that goes up, a tenth for one that comes back, nothing for one that was read before. */
const price = { in: 1_000_000, cached: 0, out: 100_000 }
const MAX_TOKENS = 40

const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
  usage: z.object({ cost: z.number() }).nullish(),
  costeer: z.object({ type: z.string() }).nullish(),
})

describe('the budget of a gateway', () => {
  let home: TinyHome
  let model: WordModel
  let promptTokens: number
  const servers: FaultyUpstream[] = []

  beforeAll(async () => {
    home = await tinyHome()
    model = await wordModel('tiny', home.environment)
    promptTokens = model.tokenizer.encodeChat(messages).length
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  afterAll(() => home.remove())

  async function served(): Promise<FaultyUpstream> {
    const server = await faultyUpstream(llamaCppProtocol(model))
    servers.push(server)
    return server
  }

  async function opened(upstreams: Record<string, object>, budget: object): Promise<AssembledGateway> {
    const config = { local: { model: 'tiny' }, steering: { strength: 1 }, upstreams, budget }
    const names = Object.fromEntries(Object.keys(upstreams).map((name) => [name, name]))
    // YAML's flow style is JSON
    const yaml = Object.entries({ ...config, models: { names } }).map(
      ([key, value]) => `${key}: ${JSON.stringify(value)}`,
    )
    const gateway = await assembledGateway(yaml.join('\n'), { environment: home.environment })
    onTestFinished(() => gateway.close())
    return gateway
  }

  function server(url: string) {
    return { kind: 'llama-cpp', url, candidates: 20, retries: 0 }
  }

  function asking(gateway: AssembledGateway, body: object = {}): Promise<Response> {
    return fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-costeer-trace': '1' },
      body: JSON.stringify({
        model: 'large',
        messages,
        max_tokens: MAX_TOKENS,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
        ...body,
      }),
    })
  }

  /** What a streamed answer says, in words, and of itself. */
  async function told(response: Response) {
    const data = eventData([await response.text()]).filter((line) => line !== '[DONE]')
    const events = data.map((line) => chunk.or(errorEnvelopeSchema).parse(JSON.parse(line)))
    const chunks = events.flatMap((event) => ('choices' in event ? [event] : []))
    return {
      steering: response.headers.get('x-costeer-steering'),
      steered: chunks.filter(({ costeer }) => costeer?.type === 'token-trace').length,
      text: chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).join(''),
      cost: chunks.find(({ usage }) => usage != null)?.usage?.cost ?? null,
      error: events.flatMap((event) => ('error' in event ? [event.error] : []))[0] ?? null,
    }
  }

  async function refused(response: Response) {
    const { error } = errorEnvelopeSchema.parse(await response.json())
    return { status: response.status, code: error.code, message: error.message }
  }

  // Queries that look ahead may be on their way before the first token is told
  test.each([
    ['off', 10],
    ['auto', 30],
  ] as const)('an answer that nears its limit goes on unsteered, lookahead %s', async (way, queries) => {
    const upstream = await served()
    // Steering ends so many queries of one token behind the first, and the rest is one query
    const limit = (promptTokens + queries) / 0.8
    const gateway = await opened(
      { large: { ...server(upstream.url), price } },
      { max_cost_per_answer: limit },
    )
    const answer = await told(await asking(gateway, { costeer: { lookahead: way } }))
    expect(answer).toMatchObject({ steering: 'on', error: null })
    expect(answer.steered).toBeGreaterThan(0)
    expect(answer.steered).toBeLessThan(MAX_TOKENS)
    expect(answer.text.length).toBeGreaterThan(MAX_TOKENS)
    expect(answer.cost).toBeGreaterThan(promptTokens + queries)
    expect(answer.cost).toBeLessThan(limit)
  })

  test('what was spent today decides: steered, then unsteered from the start, then refused with a word', async () => {
    const upstream = await served()
    const body = { max_tokens: 10, costeer: { lookahead: 'off' } }
    const upstreams = { large: { ...server(upstream.url), price } }
    // Token by token, each behind the first adds one that goes up
    const each = promptTokens + 9 + 10 * 0.1
    const gateway = await opened(upstreams, { daily: each * 6 })
    const answers: Awaited<ReturnType<typeof told>>[] = []
    while (answers.length < 6) answers.push(await told(await asking(gateway, body)))
    expect(answers.map(({ steering }) => steering)).toEqual([
      ...Array.from({ length: 5 }, () => 'on'),
      'off; reason=budget',
    ])
    expect(answers.map(({ error }) => error)).toEqual(answers.map(() => null))
    expect(answers[0]?.cost).toBeCloseTo(each, 9)
    expect(answers[5]).toMatchObject({ steered: 0, cost: expect.closeTo(promptTokens + 10 * 0.1, 9) })
    // One more begins, and ends at the limit with its first token
    expect(await refused(await asking(gateway, body))).toMatchObject({ code: 'budget_spent' })
    const before = upstream.asked()
    const { message, ...refusal } = await refused(await asking(gateway, body))
    expect(refusal).toEqual({ status: 429, code: 'budget_spent' })
    expect(message).toMatch(
      /^Today's budget is spent \(budget\.daily: [\d.]+\)\. It begins anew at midnight, UTC\.$/,
    )
    expect(upstream.asked()).toBe(before)
  })

  test('a prompt that alone costs more than an answer may is refused, and nothing is asked', async () => {
    const upstream = await served()
    const gateway = await opened(
      { large: { ...server(upstream.url), price } },
      { max_cost_per_answer: promptTokens },
    )
    const before = upstream.asked()
    expect(await refused(await asking(gateway))).toEqual({
      status: 429,
      code: 'budget_spent',
      message: `The prompt alone costs ${promptTokens + 0.1}, and budget.max_cost_per_answer is ${promptTokens}. Shorten it, or raise that.`,
    })
    expect(upstream.asked()).toBe(before)
  })
})
