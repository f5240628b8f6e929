import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedGateway, type ServedGateway } from '../../proxy/app-under-test/served-gateway.ts'
import { pythonPackages } from '../python-packages.ts'

const run = promisify(execFile)
const folder = new URL('./python/', import.meta.url)

/** By virtual environment: the libraries of agents want a later `openai` than the others allow. */
const environments = [
  {
    name: 'clients',
    requirements: 'requirements.txt',
    scripts: ['openai_client', 'anthropic_client', 'ollama_client', 'langchain_client', 'llama_index_client'],
  },
  {
    name: 'agents',
    requirements: 'agent-requirements.txt',
    scripts: ['openai_agents_client', 'pydantic_ai_client'],
  },
]

describe.each(environments)('Python $name of the gateway with its embedded model', (environment) => {
  let gateway: ServedGateway
  let programs: string

  beforeAll(async () => {
    programs = await pythonPackages(environment.name, new URL(environment.requirements, folder))
    gateway = await embeddedGateway()
  })
  afterAll(() => gateway?.close())

  test.each(environment.scripts)('%s', async (script) => {
    const file = new URL(`${script}.py`, folder).pathname
    const { stdout } = await run(join(programs, 'python'), [file, `${gateway.url}/v1`])
    expect(stdout.trim()).toBe('ok')
  })
})
