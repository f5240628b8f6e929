import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonPackages } from '../python-packages.ts'
import { embeddedGateway, type ServedGateway } from './served-gateway.ts'

const run = promisify(execFile)
const folder = new URL('./python/', import.meta.url)

describe('Python clients of the gateway with its embedded model', () => {
  let gateway: ServedGateway
  let programs: string

  beforeAll(async () => {
    programs = await pythonPackages('clients', new URL('requirements.txt', folder))
    gateway = await embeddedGateway()
  })
  afterAll(() => gateway?.close())

  test.each(['openai_client', 'langchain_client', 'llama_index_client'])('%s', async (script) => {
    const file = new URL(`${script}.py`, folder).pathname
    const { stdout } = await run(join(programs, 'python'), [file, `${gateway.url}/v1`])
    expect(stdout.trim()).toBe('ok')
  })
})
