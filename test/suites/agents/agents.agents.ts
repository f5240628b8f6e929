import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ServedGateway, servedGateway, serversAt } from '../../proxy/app-under-test/served-gateway.ts'
import { pythonPackages } from '../python-packages.ts'
import { type AgentRun, MAX_TOKENS, MODEL, profileHeader, QUESTION, WEATHER_REPORT } from './agent-loop.ts'
import { npmAgents } from './npm-agents.ts'

const run = promisify(execFile)

/** A llama-server that reads the calls that its model writes, as for ../servers/calls.servers.ts. */
const { COSTEER_TEST_CALLS_LLAMA_CPP_URL: url = '' } = process.env

/** The packages of the everyday clients, and those of larger frameworks, which need other versions. */
const clients = { name: 'agents', requirements: '../clients/python/agent-requirements.txt' }
const frameworks = { name: 'agent-frameworks', requirements: 'python/requirements.txt' }
const scripts = [
  { script: 'openai_loop', packages: clients, steering: 'on' },
  { script: 'openai_agents_loop', packages: clients, steering: 'on' },
  { script: 'pydantic_ai_loop', packages: clients, steering: 'on' },
  { script: 'langchain_loop', packages: frameworks, steering: 'on' },
  // It asks for a call in each turn, also for its answer, which is the server's business.
  { script: 'smolagents_loop', packages: frameworks, steering: 'bypassed' },
]

const runsSchema = z.record(z.string(), z.object({ calls: z.array(z.unknown()), text: z.string() }))
const loggedSchema = z.looseObject({ steering: z.string().nullish() })

/** What the gateway's requests since the last question were: `on`, `bypassed` and so on. */
function steeringLog() {
  let lines: string[] = []
  return {
    write: (line: string) => void lines.push(line),
    taken() {
      const states = lines.flatMap((line) => loggedSchema.parse(JSON.parse(line)).steering ?? [])
      lines = []
      return states
    },
  }
}

/** What a Python program asks, and what its tool answers: python/weather_loop.py reads it. */
const asked = JSON.stringify({
  model: MODEL,
  question: QUESTION,
  report: WEATHER_REPORT,
  headers: profileHeader,
  max_tokens: MAX_TOKENS,
})

/** The runs of a Python program's agents, by name. */
async function pythonAgents({ script, packages }: (typeof scripts)[number], baseUrl: string) {
  const { name, requirements } = packages
  const programs = await pythonPackages(name, new URL(requirements, import.meta.url))
  const file = new URL(`python/${script}.py`, import.meta.url).pathname
  const { stdout } = await run(join(programs, 'python'), [file, baseUrl, asked])
  return runsSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
}

test.skipIf(url !== '')('agents are skipped: COSTEER_TEST_CALLS_LLAMA_CPP_URL is not set', () => {})

describe.skipIf(url === '')('an agent with a tool, at the gateway as at the server itself', () => {
  let gateway: ServedGateway
  const log = steeringLog()

  beforeAll(async () => {
    gateway = await servedGateway('llama-cpp.yaml', { adjusted: serversAt(url), log })
  })
  afterAll(() => gateway?.close())

  function compared(name: string, steered: AgentRun, direct: AgentRun) {
    process.stdout.write(`${name}\n  steered: ${steered.text}\n  server:  ${direct.text}\n`)
    expect(direct.calls).toEqual([{ city: 'Oslo' }])
    expect(steered.calls).toEqual(direct.calls)
    expect(steered.text).toMatch(/rain/i)
  }

  test.each(Object.entries(npmAgents))('%s', async (name, agent) => {
    const direct = await agent(`${url}/v1`)
    const steered = await agent(`${gateway.url}/v1`)
    compared(name, steered, direct)
    expect(log.taken()).toEqual(['on', 'on'])
  })

  test.each(scripts)('$script of Python', async (agent) => {
    const direct = await pythonAgents(agent, `${url}/v1`)
    const steered = await pythonAgents(agent, `${gateway.url}/v1`)
    expect(Object.keys(steered)).toEqual(Object.keys(direct))
    for (const [name, own] of Object.entries(direct)) compared(name, steered[name] as AgentRun, own)
    expect(new Set(log.taken())).toEqual(new Set([agent.steering]))
  })
})
