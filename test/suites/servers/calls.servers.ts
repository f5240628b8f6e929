import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedGateway, servedGateway, serversAt } from '../../proxy/app-under-test/served-gateway.ts'

/**
 * Servers that read the calls which their model writes: over Qwen2.5-Coder 1.5B, each with the template
 * test/suites/servers/templates/calls-in-toolcall-tags.jinja.
 */
const {
  COSTEER_TEST_CALLS_LLAMA_CPP_URL: llamaCppUrl = '',
  COSTEER_TEST_CALLS_VLLM_URL: vllmUrl = '',
  COSTEER_TEST_CALLS_QUESTIONS: count = '100',
} = process.env
const servers = [
  { name: 'llama.cpp', configFile: 'llama-cpp.yaml', url: llamaCppUrl },
  { name: 'vLLM', configFile: 'vllm.yaml', url: vllmUrl },
]

const text = { type: 'string' as const }
function tool(name: string, description: string, properties: Record<string, object>) {
  const parameters = { type: 'object', properties, required: Object.keys(properties) }
  return { type: 'function' as const, function: { name, description, parameters } }
}
const tools = [
  tool('get_weather', 'The weather in a city now', { city: text }),
  tool('convert_currency', 'Converts an amount of money', {
    amount: { type: 'number' },
    from: text,
    to: text,
  }),
  tool('add_reminder', 'Adds a reminder', { text, time: text }),
]

const cities = 'Oslo Lima Cairo Perth Quito Kyoto Turin Accra Delhi Dakar Minsk Porto Seoul Tunis'.split(' ')
const currencies = ['USD', 'EUR', 'JPY', 'GBP', 'CHF', 'SEK', 'NOK']
const duties = ['water the plants', 'call the dentist', 'feed the cat', 'pay the rent', 'post the letter']
function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}
const kinds = [
  (i: number) => `What is the weather in ${at(cities, i)}?`,
  (i: number) => `How much is ${(i + 3) * 5} ${at(currencies, i)} in ${at(currencies, i + 3)}?`,
  (i: number) => `Remind me to ${at(duties, i)} at ${(i % 11) + 1} pm.`,
  (i: number) => `I travel to ${at(cities, i + 5)} today. Should I take an umbrella?`,
]
const questions = Array.from({ length: Number(count) }, (_, i) => at(kinds, i)(i))

type Messages = OpenAI.ChatCompletionMessageParam[]
const offered = { tools, temperature: 0, max_tokens: 120 }

/** The calls of an answer without the ids that are drawn for them, their arguments as values. */
function calls({ message }: OpenAI.ChatCompletion.Choice) {
  return (message.tool_calls ?? []).map((call) =>
    call.type === 'function'
      ? { name: call.function.name, arguments: JSON.parse(call.function.arguments) }
      : call,
  )
}

const untested = servers.filter(({ url }) => url === '')
test.skip.each(untested)('calls at $name are skipped: its URL is not set', () => {})

describe.each(servers.filter(({ url }) => url !== ''))(
  `${count} questions that call for a tool, at a real $name`,
  { timeout: 3_600_000 },
  ({ configFile, url }) => {
    let gateway: ServedGateway
    let openai: OpenAI
    let server: OpenAI
    let model: string

    beforeAll(async () => {
      gateway = await servedGateway(configFile, { adjusted: serversAt(url, { channels: 'none+nemotron' }) })
      openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'x', maxRetries: 0 })
      server = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
      model = (await server.models.list()).data[0]?.id ?? ''
    })
    afterAll(() => gateway?.close())

    async function asked(profile: string, messages: Messages) {
      const headers = { 'x-costeer-profile': profile }
      const { data, response } = await openai.chat.completions
        .create({ model: 'costeer', messages, ...offered }, { headers })
        .withResponse()
      return { choice: data.choices[0] as OpenAI.ChatCompletion.Choice, response }
    }
    async function direct(messages: Messages) {
      const reply = await server.chat.completions.create({ model, messages, ...offered })
      return reply.choices[0] as OpenAI.ChatCompletion.Choice
    }

    test('the call is the same with a profile, without one, and directly at the server', async () => {
      const different: string[] = []
      let called = 0
      for (const [index, content] of questions.entries()) {
        const messages: Messages = [{ role: 'user', content }]
        const own = await direct(messages)
        const steered = await asked('noor-lindqvist', messages)
        const unsteered = await asked('none', messages)
        expect(steered.response.headers.get('x-costeer-steering')).toBe('on')
        expect(unsteered.response.headers.get('x-costeer-steering')).toBe('off; reason=no-profile')
        if (calls(own).length > 0) called++
        const wanted = JSON.stringify([calls(own), own.finish_reason])
        for (const { choice } of [steered, unsteered]) {
          const got = JSON.stringify([calls(choice), choice.finish_reason])
          if (got !== wanted) different.push(`${index}: ${content}\n  ${wanted}\n  ${got}`)
        }
      }
      process.stdout.write(`${called} of ${questions.length} questions led to a call\n`)
      expect(different).toEqual([])
      expect(called).toBe(questions.length)
    })

    test("what the model says of the tool's result is steered", async () => {
      let changed = 0
      for (const content of questions.slice(0, 8)) {
        const question: Messages = [{ role: 'user', content }]
        const { message } = await direct(question)
        const [call] = message.tool_calls ?? []
        if (call === undefined) throw new Error(`no call for: ${content}`)
        const result = { role: 'tool' as const, tool_call_id: call.id, content: 'Done: 7, and it rains.' }
        const messages: Messages = [...question, message, result]
        const { choice, response } = await asked('noor-lindqvist', messages)
        expect(response.headers.get('x-costeer-steering')).toBe('on')
        expect(choice.message.content).not.toBe('')
        if (choice.message.content !== (await direct(messages)).message.content) changed++
      }
      expect(changed).toBeGreaterThan(0)
    })
  },
)
