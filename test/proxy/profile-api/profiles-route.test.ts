import { execFileSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/schema.ts'
import {
  backupListSchema,
  previewSchema,
  profileListSchema,
  profileVersionSchema,
} from '../../../src/proxy/profile-api/profile-wire.ts'
import { SAMPLE_YAML, sampleProfile } from '../../profiles/sample-profile.ts'
import { errorOf } from '../app-under-test/test-app.ts'
import { profileApp } from './profile-app.ts'

const ADMIN = 'admin-key-1'
const CALLER = 'caller-key-1'
const keys: Config['server']['keys'] = [
  { key: ADMIN, admin: true },
  { key: CALLER, admin: false, profile: 'ada' },
]

async function calledApp(server: Partial<Config['server']> = {}) {
  const tested = await profileApp(server)
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    tested.app.request(`/costeer/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  return { ...tested, call }
}

async function versionOf(response: Response) {
  return profileVersionSchema.parse(await response.json())
}

const yaml = { 'content-type': 'application/yaml' }

test('lists profiles with a summary and the problems of broken files', async () => {
  const { call, folder, store } = await calledApp()
  writeFileSync(join(folder, 'bob.yaml'), 'id: bob\n')
  await store.reload()
  const list = await (await call('GET', '/profiles')).json()
  expect(list).toEqual({
    object: 'list',
    data: [
      { id: 'ada', name: 'Ada', summary: 'She is 36', empty: false, problems: [] },
      {
        id: 'bob',
        name: 'bob',
        summary: '',
        empty: false,
        problems: [{ line: 1, key: 'name', message: 'is missing' }],
      },
    ],
    deleted: [],
  })
})

test('gives a profile as JSON, and as the text of its file', async () => {
  const { call } = await calledApp()
  const asJson = await call('GET', '/profiles/ada')
  expect(await asJson.json()).toMatchObject({ id: 'ada', facts: ['She is 36'], preferences: [] })
  const asYaml = await call('GET', '/profiles/ada', undefined, { accept: 'application/yaml' })
  expect(await asYaml.text()).toBe(SAMPLE_YAML)
  expect(asYaml.headers.get('etag')).toBe(asJson.headers.get('etag'))
  expect(asYaml.headers.get('cache-control')).toBe('no-store')
})

test('a pipe in the place of a file holds up no route, and is neither read nor replaced', async () => {
  const { call, folder, store } = await calledApp()
  execFileSync('mkfifo', [join(folder, 'bob.yaml'), join(folder, '.backups')])
  const bob = { id: 'bob', name: 'Bob' }
  const refusals = [
    [await call('GET', '/profiles/bob'), 422, 'profile_broken'],
    [await call('PUT', '/profiles/bob', bob), 403, 'profiles_read_only'],
    [await call('POST', '/profiles', bob), 403, 'profiles_read_only'],
    [await call('DELETE', '/profiles/bob'), 403, 'profiles_read_only'],
    [await call('POST', '/profiles', { id: 'eve', name: 'Eve' }), 403, 'profiles_read_only'],
    [await call('POST', '/profiles/ada/restore', {}), 404, 'profile_not_found'],
  ] as const
  for (const [response, status, code] of refusals) {
    expect(response.status).toBe(status)
    expect((await errorOf(response)).code).toBe(code)
  }
  expect(await (await call('GET', '/profiles/ada/backups')).json()).toMatchObject({ data: [] })
  rmSync(join(folder, '.backups'))
  expect((await call('POST', '/profiles', { id: 'eve', name: 'Eve' })).status).toBe(201)
  await store.reload()
  expect(await (await call('GET', '/profiles')).json()).toMatchObject({
    data: [
      { id: 'ada' },
      { id: 'bob', problems: [{ message: 'cannot be read (it is no regular file)' }] },
      { id: 'eve' },
    ],
  })
})

test('a file with problems is read as YAML', async () => {
  const { call, folder } = await calledApp()
  writeFileSync(join(folder, 'ada.yaml'), 'id: ada\nname: Ada\nfacts: "canary"\n')
  const refused = await call('GET', '/profiles/ada')
  expect(refused.status).toBe(422)
  const { code, message } = await errorOf(refused)
  expect(code).toBe('profile_broken')
  expect(message).toContain('ada.yaml:3: facts')
  expect(message).not.toContain('canary')
  const text = await call('GET', '/profiles/ada', undefined, { accept: 'application/yaml' })
  expect(await text.text()).toContain('canary')
})

test('creates a profile once', async () => {
  const { call, store } = await calledApp()
  const created = await call('POST', '/profiles', sampleProfile({ id: 'bea', name: 'Bea' }))
  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toBe('/costeer/v1/profiles/bea')
  expect(store.get('bea')?.name).toBe('Bea')
  const again = await call('POST', '/profiles', sampleProfile({ id: 'bea' }))
  expect(again.status).toBe(409)
  expect(await errorOf(again)).toMatchObject({ code: 'profile_exists' })
})

test('a change is in effect when its response comes, and can be undone', async () => {
  const { call, store } = await calledApp()
  const changed = await call('PUT', '/profiles/ada', sampleProfile({ name: 'Ada B.' }))
  expect(changed.status).toBe(200)
  expect(store.get('ada')?.name).toBe('Ada B.')
  const undone = await call('POST', '/profiles/ada/restore')
  expect(undone.status).toBe(200)
  expect(store.get('ada')?.name).toBe('Ada')
  const redone = await call('POST', '/profiles/ada/restore', { backup: (await versionOf(undone)).backup })
  expect(redone.status).toBe(200)
  expect(store.get('ada')?.name).toBe('Ada B.')
})

test('YAML is written as it was sent', async () => {
  const { call } = await calledApp()
  const text = `# mine\n${SAMPLE_YAML}`
  expect((await call('PUT', '/profiles/ada', text, yaml)).status).toBe(200)
  const read = await call('GET', '/profiles/ada', undefined, { accept: 'application/yaml' })
  expect(await read.text()).toBe(text)
})

test('a change to a version that is no longer current is refused', async () => {
  const { call, store } = await calledApp()
  const etag = (await call('GET', '/profiles/ada')).headers.get('etag') ?? ''
  const first = await call('PUT', '/profiles/ada', sampleProfile({ name: 'One' }), { 'if-match': etag })
  expect(first.status).toBe(200)
  for (const method of ['PUT', 'DELETE']) {
    const second = await call(method, '/profiles/ada', sampleProfile({ name: 'Two' }), { 'if-match': etag })
    expect(second.status).toBe(412)
    expect(await errorOf(second)).toMatchObject({ code: 'profile_changed' })
  }
  expect(store.get('ada')?.name).toBe('One')
  const current = first.headers.get('etag') ?? ''
  expect((await call('PUT', '/profiles/ada', sampleProfile(), { 'if-match': current })).status).toBe(200)
})

test('of two changes at once to the same version, one is refused', async () => {
  const { call } = await calledApp()
  const headers = { 'if-match': (await call('GET', '/profiles/ada')).headers.get('etag') ?? '' }
  const statuses = await Promise.all(
    ['One', 'Two'].map(
      async (name) => (await call('PUT', '/profiles/ada', sampleProfile({ name }), headers)).status,
    ),
  )
  expect(statuses.sort()).toEqual([200, 412])
})

test('what was deleted is listed until it is back', async () => {
  const { call } = await calledApp()
  const deleted = async () => {
    const list = profileListSchema.parse(await (await call('GET', '/profiles')).json())
    return list.deleted.map(({ id }) => id)
  }
  await call('POST', '/profiles', { id: 'eve', name: 'Eve' })
  await call('PUT', '/profiles/eve', { id: 'eve', name: 'Eve Two' })
  expect(await deleted()).toEqual([])
  await call('DELETE', '/profiles/eve')
  await call('DELETE', '/profiles/ada')
  expect((await deleted()).toSorted()).toEqual(['ada', 'eve'])
  await call('POST', '/profiles/ada/restore')
  expect(await deleted()).toEqual(['eve'])
})

test('a deleted profile comes back with restore', async () => {
  const { call, store } = await calledApp()
  expect((await call('DELETE', '/profiles/ada')).status).toBe(200)
  expect(store.has('ada')).toBe(false)
  expect((await call('GET', '/profiles/ada')).status).toBe(404)
  const backups = backupListSchema.parse(await (await call('GET', '/profiles/ada/backups')).json())
  expect(backups.data).toHaveLength(1)
  expect((await call('POST', '/profiles/ada/restore', { backup: backups.data[0]?.name })).status).toBe(200)
  expect(store.get('ada')?.name).toBe('Ada')
})

test.each([
  [
    'a profile that breaks the schema',
    'PUT',
    '/profiles/ada',
    { id: 'ada', name: 'Ada', facts: 'x' },
    400,
    'invalid_request',
  ],
  [
    'another id than that of the URL',
    'PUT',
    '/profiles/ada',
    sampleProfile({ id: 'bea' }),
    400,
    'invalid_request',
  ],
  [
    'a profile that is not there',
    'PUT',
    '/profiles/bea',
    sampleProfile({ id: 'bea' }),
    404,
    'profile_not_found',
  ],
  ['an id that leaves the folder', 'GET', '/profiles/..%2Fada', undefined, 404, 'profile_not_found'],
  [
    'a backup of another profile',
    'POST',
    '/profiles/ada/restore',
    { backup: 'bea.2025-01-01T00-00-00-000Z.00000000.yaml' },
    404,
    'profile_not_found',
  ],
  ['a body that is no JSON', 'POST', '/profiles', '{', 400, 'malformed_request'],
] as const)('refuses %s', async (_what, method, path, body, status, code) => {
  const { call } = await calledApp()
  const refused = await call(method, path, body)
  expect(refused.status).toBe(status)
  expect(await errorOf(refused)).toMatchObject({ code })
})

test('problems of YAML come with line and key, without the values', async () => {
  const { call } = await calledApp()
  const refused = await call('PUT', '/profiles/ada', 'id: ada\nname: Ada\nfacts: canary\n', yaml)
  expect(refused.status).toBe(400)
  const { message, param } = await errorOf(refused)
  expect(param).toBe('facts')
  expect(message).toMatch(/^profile:3: facts/)
  expect(message).not.toContain('canary')
})

test('a profile that is a link is not written', async () => {
  const { call, folder } = await calledApp()
  writeFileSync(join(folder, '..', 'kept-elsewhere'), SAMPLE_YAML)
  symlinkSync(join(folder, '..', 'kept-elsewhere'), join(folder, 'cat.yaml'))
  const refused = await call('PUT', '/profiles/cat', sampleProfile({ id: 'cat' }))
  expect(refused.status).toBe(403)
  expect(await errorOf(refused)).toMatchObject({ code: 'profiles_read_only' })
})

test('previews the private messages before a query', async () => {
  const { call } = await calledApp()
  const response = await call('POST', '/profiles/ada/preview', { query: 'Write about honey' })
  const preview = previewSchema.parse(await response.json())
  expect(preview.messages).toEqual([
    { role: 'system', text: expect.stringContaining('The user is Ada. She is 36.') },
    { role: 'user', text: 'Write this text: Honey' },
    { role: 'assistant', text: 'Forty jars.' },
  ])
  expect(preview).toMatchObject({ tokens: null, historyEntries: 1, leftOut: { history: 0 } })
})

test('needs an admin key once keys are configured', async () => {
  const { call } = await calledApp({ keys })
  const as = (key: string) => ({ authorization: `Bearer ${key}` })
  for (const [method, path] of [
    ['GET', '/profiles'],
    ['GET', '/profiles/ada'],
    ['DELETE', '/profiles/ada'],
    ['POST', '/profiles/ada/preview'],
    ['GET', '/profiles/ada/backups'],
  ] as const) {
    expect((await call(method, path)).status).toBe(401)
    const refused = await call(method, path, undefined, as(CALLER))
    expect(refused.status).toBe(403)
    expect(await errorOf(refused)).toMatchObject({ code: 'admin_key_required' })
  }
  expect((await call('GET', '/profiles', undefined, as(ADMIN))).status).toBe(200)
})

test('another origin changes nothing', async () => {
  const { call, store } = await calledApp()
  const refused = await call('PUT', '/profiles/ada', sampleProfile({ name: 'Evil' }), {
    origin: 'https://example.com',
  })
  expect(refused.status).toBe(403)
  expect(store.get('ada')?.name).toBe('Ada')
})

test('settings say what this caller may see', async () => {
  const { call } = await calledApp({ keys })
  const settings = async (key: string) =>
    (await call('GET', '/settings', undefined, { authorization: `Bearer ${key}` })).json()
  expect(await settings(ADMIN)).toEqual({
    version: 'unknown',
    localModel: null,
    models: [
      { id: 'big', configuredAs: null, upstream: null, embedded: null, strength: null },
      { id: 'acme/alias', configuredAs: null, upstream: null, embedded: null, strength: null },
    ],
    profiles: { count: 1, access: 'all' },
    keyRequired: true,
  })
  expect(await settings(CALLER)).toMatchObject({ profiles: { count: 1, access: 'own' } })
})
