import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { stepCountIs, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { z } from 'zod'
import {
  type AgentRun,
  MAX_TOKENS,
  MODEL,
  profileHeader,
  QUESTION,
  type RunAgent,
  TOOL_DESCRIPTION,
  WEATHER_REPORT,
} from './agent-loop.ts'

const place = z.object({ city: z.string() })
const placeSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

/** The agents of npm packages, by name. */
export const npmAgents: Readonly<Record<string, RunAgent>> = {
  'openai, runTools': (baseUrl) => openaiLoop(baseUrl, false),
  'openai, runTools, streamed': (baseUrl) => openaiLoop(baseUrl, true),
  'openai, responses': responsesLoop,
  'Vercel AI SDK, streamText': aiSdkLoop,
}

function openai(baseURL: string): OpenAI {
  return new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0, defaultHeaders: profileHeader })
}

async function openaiLoop(baseUrl: string, stream: boolean): Promise<AgentRun> {
  const calls: unknown[] = []
  const weather = {
    type: 'function',
    function: {
      name: 'weather',
      description: TOOL_DESCRIPTION,
      parameters: placeSchema,
      parse: (json: string) => place.parse(JSON.parse(json)),
      function(called: z.infer<typeof place>) {
        calls.push(called)
        return WEATHER_REPORT
      },
    },
  } as const
  const ask = {
    model: MODEL,
    messages: [{ role: 'user' as const, content: QUESTION }],
    temperature: 0,
    max_tokens: MAX_TOKENS,
    tools: [weather],
  }
  const { completions } = openai(baseUrl).chat
  const runner = stream ? completions.runTools({ ...ask, stream: true }) : completions.runTools(ask)
  return { text: (await runner.finalContent()) ?? '', calls }
}

async function responsesLoop(baseUrl: string): Promise<AgentRun> {
  const calls: unknown[] = []
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: QUESTION }]
  for (let turn = 0; turn < 3; turn++) {
    // llama-server's own stream lacks what this client's helper for streams reads
    const response = await openai(baseUrl).responses.create({
      model: MODEL,
      input,
      temperature: 0,
      max_output_tokens: MAX_TOKENS,
      tools: [
        {
          type: 'function',
          name: 'weather',
          description: TOOL_DESCRIPTION,
          parameters: placeSchema,
          strict: false,
        },
      ],
    })
    const asked = response.output.filter((item) => item.type === 'function_call')
    if (asked.length === 0) return { text: response.output_text, calls }
    input.push(...(response.output as OpenAI.Responses.ResponseInputItem[]))
    for (const { call_id, arguments: json } of asked) {
      calls.push(place.parse(JSON.parse(json)))
      input.push({ type: 'function_call_output', call_id, output: WEATHER_REPORT })
    }
  }
  throw new Error('the agent found no end')
}

async function aiSdkLoop(baseURL: string): Promise<AgentRun> {
  const calls: unknown[] = []
  const provider = createOpenAICompatible({
    name: 'costeer',
    baseURL,
    apiKey: 'none',
    headers: profileHeader,
  })
  const { text } = streamText({
    model: provider(MODEL),
    prompt: QUESTION,
    temperature: 0,
    maxOutputTokens: MAX_TOKENS,
    maxRetries: 0,
    stopWhen: stepCountIs(3),
    tools: {
      weather: tool({
        description: TOOL_DESCRIPTION,
        inputSchema: place,
        async execute(called) {
          calls.push(called)
          return WEATHER_REPORT
        },
      }),
    },
  })
  return { text: await text, calls }
}
