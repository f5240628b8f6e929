import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/schema.ts'
import {
  addedTextsSchema,
  importPreviewSchema,
  storedTextsSchema,
} from '../../../src/proxy/profile-api/texts-wire.ts'
import { LADDER, mailOf, TRAIN } from '../../profiles/importing/import-samples.ts'
import { CANARY } from '../../profiles/sample-profile.ts'
import { listening } from '../app-under-test/listening-app.ts'
import { errorOf } from '../app-under-test/test-app.ts'
import { profileApp } from './profile-app.ts'

async function textsApp(server: Partial<Config['server']> = {}) {
  const tested = await profileApp(server)
  const request = (method: string, path: string, init: RequestInit = {}) =>
    tested.app.request(`/costeer/v1/profiles/ada${path}`, { ...init, method })
  return {
    ...tested,
    request,
    upload: (query: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
      request('POST', `/imports?${query}`, {
        body: body as string,
        headers: { 'content-type': 'application/octet-stream', ...headers },
      }),
    add: (body: object, headers: Record<string, string> = {}) =>
      request('POST', '/texts', {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  }
}

test('previews an import, and changes nothing', async () => {
  const { upload, store } = await textsApp()
  const before = store.get('ada')
  const asked = await upload('name=sent.eml', mailOf({}, LADDER))
  expect(importPreviewSchema.parse(await asked.json())).toMatchObject({ needsFrom: true, texts: [] })
  const response = await upload('name=sent.eml&from=x@example.org&from=ann@example.org', mailOf({}, LADDER))
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(importPreviewSchema.parse(await response.json())).toMatchObject({
    object: 'profile.import',
    format: 'eml',
    texts: [{ text: LADDER, date: '2024-05-31', like: null }],
    counts: { new: 1 },
  })
  await store.reload()
  expect(store.get('ada')).toBe(before)
})

test('adds texts, which are in use when the response comes, and can be undone', async () => {
  const { add, request, store, app } = await textsApp()
  const texts = [{ task: 'Thank Ailsa', text: LADDER, date: '2024-05-31' }, { text: TRAIN }]
  const added = addedTextsSchema.parse(await (await add({ texts, facts: ['She rows.'] })).json())
  expect(added).toMatchObject({ id: 'ada', added: 2, facts: 1, same: 0, total: 3 })
  expect(store.get('ada')).toMatchObject({ facts: ['She is 36', 'She rows.'], history: [{}, ...texts] })
  expect(addedTextsSchema.parse(await (await add({ texts })).json())).toMatchObject({ added: 0, same: 2 })
  const backups = await (await request('GET', '/backups')).json()
  expect(backups).toMatchObject({ data: [{ name: added.backup, of: 'texts' }, { of: 'profile' }] })
  await app.request('/costeer/v1/profiles/ada/restore', { method: 'POST' })
  expect(store.get('ada')?.history).toHaveLength(1)
})

test('keeps an answer as mine although it is like another', async () => {
  const { add } = await textsApp()
  await add({ texts: [{ text: LADDER }] })
  const edited = [{ task: 'Thank Ailsa', text: `${LADDER} Yours, Ada` }]
  expect(await (await add({ texts: edited })).json()).toMatchObject({ added: 0, similar: 1 })
  expect(await (await add({ texts: edited, similar: 'add' })).json()).toMatchObject({ added: 1, total: 3 })
})

test('lists texts newest first, and takes one out', async () => {
  const { add, request } = await textsApp()
  await add({
    texts: [
      { text: LADDER, date: '2023' },
      { task: 'Complain', text: TRAIN, date: '2024' },
    ],
  })
  const list = async (query = '') =>
    storedTextsSchema.parse(await (await request('GET', `/texts${query}`)).json())
  const { total, data } = await list()
  expect(total).toBe(3)
  expect(data.map(({ task }) => task)).toEqual([
    'Complain',
    'Write a message to Ailsa.',
    'Write this text: Honey',
  ])
  expect((await list('?offset=1&limit=1')).data).toEqual([data[1]])
  expect((await request('DELETE', `/texts/${data[0]?.key}`)).status).toBe(200)
  expect((await list()).total).toBe(2)
  expect((await request('DELETE', `/texts/${data[0]?.key}`)).status).toBe(404)
})

test('takes a file beyond the usual limit of a body, unless its length is not announced', async () => {
  const { upload } = await textsApp({ body_limit_bytes: 1024 })
  const long = LADDER.repeat(20)
  const announced = { 'content-length': String(long.length) }
  expect((await upload('name=a.txt', long, announced)).status).toBe(200)
  const refused = await upload('name=a.txt', long)
  expect(refused.status).toBe(413)
  const huge = { 'content-length': String(600 * 1024 * 1024) }
  expect((await errorOf(await upload('name=a.txt', long, huge))).message).toContain('what this URL takes')
})

test('reads a large file from a connection, as it comes', async () => {
  const { store } = await textsApp()
  const { url } = await listening({ script: { choices: [[]] }, profiles: { store } })
  const mail = `From ann Fri May 31 10:00:00 2024\n${mailOf({}, LADDER)}\n\n`
  const long = `${mail}${mail.replace(LADDER, 'x'.repeat(6_000_000))}${mail.replace(LADDER, TRAIN)}`
  const response = await fetch(`${url}/costeer/v1/profiles/ada/imports?name=Sent&from=ann@example.org`, {
    method: 'POST',
    body: new Blob([long]),
  })
  const { texts, counts } = importPreviewSchema.parse(await response.json())
  expect(texts.map(({ text }) => text)).toEqual([LADDER, TRAIN])
  expect(counts).toMatchObject({ read: 3, new: 2 })
})

test.each([
  ['a file of an unknown kind', 'name=a.png', `${CANARY}\0`, 400],
  ['a broken zip', 'name=a.zip', `PK\x03\x04${CANARY}`, 400],
  ['JSON of another program', 'name=a.json', `{"a": "${CANARY}"}`, 400],
  ['no name', '', CANARY, 400],
])('refuses %s, and tells nothing of it anywhere', async (_what, query, body, status) => {
  const { upload, logged, registry } = await textsApp()
  const refused = await upload(query, body)
  expect(refused.status).toBe(status)
  expect(await refused.text()).not.toContain(CANARY)
  expect(logged()).not.toContain(CANARY)
  expect(await registry.metrics()).not.toContain(CANARY)
})

test('what is read and added leaves nothing in logs and metrics', async () => {
  const { upload, add, logged, registry } = await textsApp()
  const text = `${LADDER} ${CANARY}`
  expect(await (await upload('name=a.txt', text)).text()).toContain(CANARY)
  expect(await (await add({ texts: [{ text, date: CANARY }] })).text()).not.toContain(CANARY)
  expect(await (await add({ texts: [{ text }], facts: [CANARY] })).text()).not.toContain(CANARY)
  expect(logged() + (await registry.metrics())).not.toContain(CANARY)
})

test('a profile whose texts are broken gets none added', async () => {
  const { add, folder } = await textsApp()
  writeFileSync(join(folder, 'ada.texts.jsonl'), `${CANARY}\n`)
  const refused = await add({ texts: [{ text: LADDER }] })
  expect(refused.status).toBe(422)
  const { code, message } = await errorOf(refused)
  expect([code, message]).toEqual(['profile_broken', expect.stringContaining('ada.texts.jsonl:1')])
  expect(message).not.toContain(CANARY)
})

test('all routes are for admins, and for the page alone', async () => {
  const keys = [
    { key: 'admin-key', admin: true },
    { key: 'caller-key', admin: false },
  ]
  const { request } = await textsApp({ keys })
  for (const [method, path] of [
    ['POST', '/imports?name=a.txt'],
    ['POST', '/texts'],
    ['GET', '/texts'],
    ['DELETE', '/texts/0'],
  ] as const) {
    const as = (key: string, origin?: string) =>
      request(method, path, { headers: { authorization: `Bearer ${key}`, ...(origin && { origin }) } })
    expect((await as('caller-key')).status).toBe(403)
    expect((await as('admin-key', 'https://example.com')).status).toBe(403)
    expect((await as('admin-key')).status).not.toBe(403)
  }
})

test('a profile that is not there is not found', async () => {
  const { app } = await textsApp()
  for (const [method, path] of [
    ['POST', 'imports?name=a.txt'],
    ['GET', 'texts'],
    ['DELETE', 'texts/0'],
  ] as const) {
    const response = await app.request(`/costeer/v1/profiles/bob/${path}`, { method })
    expect([path, response.status]).toEqual([path, 404])
  }
  const body = JSON.stringify({ texts: [{ text: TRAIN }] })
  const headers = { 'content-type': 'application/json' }
  const added = await app.request('/costeer/v1/profiles/bob/texts', { method: 'POST', headers, body })
  expect(added.status).toBe(404)
})
