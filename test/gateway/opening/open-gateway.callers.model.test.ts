import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedGateway, servedGateway } from '../../proxy/app-under-test/served-gateway.ts'

/** Words that occur nowhere but in profiles, keys and conversations. */
const markers = { profile: 'Quillfeather', history: 'zyzzyva', prompt: 'kumquatorium', key: 'sk-key-of-' }
const keys = { ann: `${markers.key}ann`, bob: `${markers.key}bob`, admin: `${markers.key}admin` }

function profile(id: string) {
  return `id: ${id}
name: ${id} ${markers.profile}
facts: [Keeps a ${markers.history} farm.]
history:
  - title: A letter
    text: Dear reader, the ${markers.history} are well.
`
}
const config = `upstreams:
  embedded: { kind: embedded }
models: { names: { costeer: embedded } }
profiles: { folder: . }
server:
  keys:
    - { key: ${keys.ann}, profile: ann }
    - { sha256: ${createHash('sha256').update(keys.bob).digest('hex')}, profile: bob }
    - { key: ${keys.admin}, admin: true }
`
const ask = {
  model: 'costeer',
  messages: [{ role: 'user' as const, content: `Write about the ${markers.prompt}.` }],
  temperature: 0,
  max_tokens: 6,
}

describe('callers with keys, at the gateway with its embedded model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-callers-'))
  const lines: string[] = []
  let gateway: ServedGateway

  beforeAll(async () => {
    for (const id of ['ann', 'bob']) writeFileSync(join(folder, `${id}.yaml`), profile(id))
    writeFileSync(
      join(folder, 'broken.yaml'),
      `id: broken\nname: ${markers.profile}\nfacts: ${markers.history}\n`,
    )
    writeFileSync(join(folder, 'config.yml'), config)
    gateway = await servedGateway(join(folder, 'config.yml'), {
      profileApi: true,
      log: { write: (line) => void lines.push(line) },
    })
  })
  afterAll(async () => {
    await gateway?.close()
    rmSync(folder, { recursive: true })
  })

  const as = (apiKey: string) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
  const steeringOf = async (key: string, headers: Record<string, string> = {}) => {
    const { response } = await as(key).chat.completions.create(ask, { headers }).withResponse()
    return response.headers.get('x-costeer-steering')
  }
  const named = (id: string) => ({ 'x-costeer-profile': id })

  test('get the profile of their key, or none when they say so', async () => {
    expect(await steeringOf(keys.ann)).toBe('on')
    expect(await steeringOf(keys.ann, named('ann'))).toBe('on')
    expect(await steeringOf(keys.ann, named('none'))).toBe('off')
    expect(await steeringOf(keys.admin, named('bob'))).toBe('on')
  })

  test('learn who they are and whom they may name, and nothing of others', async () => {
    const told = async (key: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${gateway.url}/costeer/v1/caller`, {
        headers: { authorization: `Bearer ${key}`, ...headers },
      })
      return response.ok ? await response.json() : response.status
    }
    const [ann, bob] = ['ann', 'bob'].map((id) => ({ id, name: `${id} ${markers.profile}` }))
    expect(await told(keys.ann)).toEqual({ profile: ann, profiles: [ann] })
    expect(await told(keys.ann, named('none'))).toEqual({ profile: null, profiles: [ann] })
    expect(await told(keys.ann, named('bob'))).toBe(404)
    expect(await told(keys.admin)).toEqual({ profile: null, profiles: [ann, bob] })
    expect(await told(keys.admin, named('bob'))).toMatchObject({ profile: bob })
    expect(await told('sk-unknown')).toBe(401)
  })

  test("cannot use another's profile, nor find out whether there is one", async () => {
    const refusal = async (id: string) => {
      const failure: unknown = await steeringOf(keys.ann, named(id)).catch((error: unknown) => error)
      return failure instanceof OpenAI.NotFoundError ? failure.message.replaceAll(id, 'X') : failure
    }
    expect(await refusal('bob')).toMatch(/X.* does not exist or is not open to this caller/)
    expect(await refusal('nobody')).toBe(await refusal('bob'))
    for (const id of ['../ann', '/etc/passwd', 'ann.yaml', 'file:///etc/passwd']) {
      expect(await refusal(id)).toMatch(/does not exist or is not open/)
    }
    const inBody = as(keys.ann).chat.completions.create({ ...ask, ...{ costeer: { profile: 'bob' } } })
    await expect(inBody).rejects.toMatchObject({ status: 404, code: 'profile_not_found' })
  })

  test('cannot read profiles without an admin key', async () => {
    for (const path of ['profiles', 'profiles/ann', 'profiles/bob', 'profiles/bob/backups']) {
      const read = (key: string) =>
        fetch(`${gateway.url}/costeer/v1/${path}`, { headers: { authorization: `Bearer ${key}` } })
      const refused = await read(keys.ann)
      expect(refused.status).toBe(403)
      expect(await refused.text()).not.toContain(markers.profile)
      expect((await read(keys.admin)).status).toBe(200)
    }
  })

  test('are told of a prompt that is too long for the window, as text or once it is tokens', async () => {
    for (const repeats of [2_000, 100_000]) {
      const content = 'one two three four five '.repeat(repeats)
      const messages = [{ role: 'user' as const, content }]
      for (const profileId of ['ann', 'none']) {
        const asking = as(keys.ann).chat.completions.create(
          { ...ask, messages },
          { headers: named(profileId) },
        )
        await expect(asking).rejects.toMatchObject({
          status: 400,
          code: 'context_length_exceeded',
          param: 'messages',
        })
      }
    }
  })

  test('leave no word of profile, conversation, answer or key in log and metrics', async () => {
    lines.length = 0
    const client = as(keys.ann)
    const stream = client.chat.completions.stream(ask, { headers: { 'x-costeer-trace': '1' } })
    const answer = (await stream.finalChatCompletion()).choices[0]?.message.content ?? ''
    await client.responses.create({ model: 'costeer', input: ask.messages, max_output_tokens: 4 })
    await client.completions.create({ model: 'costeer', prompt: markers.prompt, max_tokens: 4 })
    await client.chat.completions.create({ ...ask, stop: [markers.prompt, ''] }).catch(() => {})
    await client.chat.completions.create({ ...ask, ...{ [markers.prompt]: 1 } }).catch(() => {})
    await as(`${markers.key}nobody`)
      .models.list()
      .catch(() => {})
    const scrape = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${keys.admin}` },
    })
    const metrics = await scrape.text()
    expect(lines.filter((line) => line.includes('"msg":"request completed"'))).toHaveLength(7)
    expect(metrics).toContain('costeer_tokens_total')
    expect(answer.length).toBeGreaterThan(5)
    for (const marker of [...Object.values(markers), answer]) {
      expect(lines.join('')).not.toContain(marker)
      expect(metrics).not.toContain(marker)
    }
  })
})
