import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { readEnvironment } from '../../../src/environment.ts'
import type { Gateway } from '../../../src/gateway/gateway.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import { deleteProfile } from '../../../src/profiles/files/delete-profile.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const models = `local: { model: smollm2-135m }
upstreams: { up: { kind: embedded, model: smollm2-135m } }
models: { catch_all: up }
`
/** Longer than the profiles by far. */
const longQuestion = Array.from({ length: 300 }, (_, index) => `What is ${index}?`).join(' ')

describe('what a gateway has read of profiles', () => {
  const gateways: Gateway[] = []
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close()
  })

  async function start(folder: string, profiles = ''): Promise<Gateway> {
    const file = join(folder, 'config.yml')
    await writeFile(file, `${models}profiles: { folder: profiles${profiles} }\n`)
    const gateway = await openGateway(await loadConfig(file), { environment: readEnvironment() })
    gateways.push(gateway)
    return gateway
  }
  async function ask(gateway: Gateway, content: string): Promise<void> {
    const prepared = await gateway.prepare({
      model: 'any',
      prompt: { type: 'chat', messages: [{ role: 'user', content }] },
      sampling: { temperature: 0, topP: 1, topK: 0, seed: 7 },
      maxTokens: 4,
      stop: [],
      choices: 1,
      caller: { profile: 'ada' },
      overrides: { strength: 1 },
      trace: false,
      signal: new AbortController().signal,
    })
    expect(prepared.steering.state).toBe('on')
    for (const choice of prepared.choices) for await (const _ of choice);
  }

  test('stays beside them until they go; conversations do not', async () => {
    const folder = temporaryFolder()
    const profiles = join(folder, 'profiles')
    const blocks = (id: string) => {
      const read = join(profiles, '.read')
      const paths = existsSync(read) ? readdirSync(read, { recursive: true, encoding: 'utf8' }) : []
      return paths.filter((path) => new RegExp(`^[0-9a-f]{16}/${id}/[0-9a-f]{64}$`).test(path)).sort()
    }
    const write = (id: string) =>
      writeFile(join(profiles, `${id}.yaml`), `id: ${id}\nname: ${id}\nfacts: [${id} sails on Sundays.]\n`)
    await mkdir(profiles)
    await write('ada')

    const first = await start(folder)
    await vi.waitFor(() => expect(blocks('ada')).not.toEqual([]))
    await ask(first, longQuestion)
    // What is written after the answer
    await write('bob')
    await vi.waitFor(() => expect(blocks('bob')).not.toEqual([]))
    // More may be written between two looks
    await vi.waitFor(() => expect(blocks('.*')).toHaveLength(blocks('ada').length + blocks('bob').length))
    expect(blocks('ada').length).toBeLessThan(30)

    await deleteProfile(profiles, 'bob')
    await vi.waitFor(() => expect(blocks('bob')).toEqual([]))
    expect(blocks('ada')).not.toEqual([])
    await first.close()

    await start(folder, ', keep_read: false')
    expect(existsSync(join(profiles, '.read'))).toBe(false)
  })
})
