import { previewImport } from '../../profiles/importing/import-preview.ts'
import type { HistoryEntry } from '../../profiles/profile.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import { entryTask } from '../../profiles/rendering/entry-task.ts'
import { newestFirst } from '../../profiles/texts/newest-first.ts'
import { textKey } from '../../profiles/texts/remove-text.ts'
import { invalidRequest } from '../errors/invalid-request.ts'
import type { App, AppContext } from '../request/app-env.ts'
import { type BodySchema, checkedBody } from './profile-content.ts'
import { type ProfileFiles, profileMissing } from './profile-files.ts'
import {
  type AddedTexts,
  addTextsRequestSchema,
  type ImportPreview,
  importQuerySchema,
  type StoredTexts,
  textsQuerySchema,
} from './texts-wire.ts'

/** What a profile's past texts can be had from, and which there are. The guards of the profile API hold. */
export function addTextsRoutes(
  app: App,
  { store, files }: { readonly store: ProfileStore; readonly files: ProfileFiles },
): void {
  const one = '/costeer/v1/profiles/:id'
  app.post(`${one}/imports`, async (c) => {
    const { name, modified = null, from } = checkedQuery(c, importQuerySchema, ['from'])
    const profile = store.get(c.req.param('id'))
    if (profile === undefined) throw profileMissing()
    const { body, signal } = c.req.raw
    const file = { name, modified, bytes: bytesOf(body) }
    const preview = await previewImport([file], profile, { from, signal })
    return c.json({ object: 'profile.import', ...preview } satisfies ImportPreview)
  })
  app.post(`${one}/texts`, async (c) => {
    const { texts, facts, similar } = await checkedBody(c, addTextsRequestSchema)
    const id = c.req.param('id')
    const added = await files.addTexts(id, { texts, facts, addSimilar: similar === 'add' })
    return c.json({ object: 'profile.texts.added', id, ...added } satisfies AddedTexts)
  })
  app.get(`${one}/texts`, (c) => {
    const { offset, limit } = checkedQuery(c, textsQuerySchema, [])
    const profile = store.get(c.req.param('id'))
    if (profile === undefined) throw profileMissing()
    const newest = profile.history.toSorted(newestFirst)
    const data = newest.slice(offset, offset + limit).map(storedText)
    return c.json({ object: 'list', total: newest.length, data } satisfies StoredTexts)
  })
  app.delete(`${one}/texts/:key`, async (c) =>
    c.json(await files.removeText(c.req.param('id'), c.req.param('key'))),
  )
}

function storedText(entry: HistoryEntry): StoredTexts['data'][number] {
  const { text, date = null } = entry
  return { key: textKey(entry), task: entryTask(entry), text, date }
}

/** The parameters of a URL; those of `lists` may be repeated. */
function checkedQuery<T>(c: AppContext, schema: BodySchema<T>, lists: readonly string[]): T {
  const single = Object.fromEntries(Object.entries(c.req.query()).filter(([name]) => !lists.includes(name)))
  const repeated = Object.fromEntries(lists.map((name) => [name, c.req.queries(name) ?? []]))
  const checked = schema.safeParse({ ...single, ...repeated })
  if (checked.success) return checked.data
  throw invalidRequest(checked.error)
}

async function* bytesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body
}
