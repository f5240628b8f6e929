// This room owns reading and changing profiles over HTTP, for admins. It must not know how answers are
// steered; the files and their form are the business of src/profiles.
import type { Context } from 'hono'
import type { Config } from '../../config/schema.ts'
import {
  type PreviewedQuestion,
  type PromptPreview,
  previewPrompt,
} from '../../gateway/prompts/private-prompt.ts'
import { GatewayError } from '../../gateway-error.ts'
import { parseProfile } from '../../profiles/files/parse-profile.ts'
import { listBackups } from '../../profiles/files/profile-backups.ts'
import { type ProfileSource, readProfileSource } from '../../profiles/files/read-profile-source.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import { adminCheck, adminTest } from '../guards/admin-check.ts'
import type { App, AppEnv } from '../request/app-env.ts'
import { unstored } from '../request/unstored.ts'
import { checkedBody, meansYaml, profileContent, YAML_TYPE } from './profile-content.ts'
import { brokenProfile, type Expectation, ProfileFiles, profileMissing } from './profile-files.ts'
import { profileListing } from './profile-listing.ts'
import { registerProfilePaths } from './profile-paths.ts'
import {
  type ProfileBackupEntry,
  type ProfilePreview,
  previewRequestSchema,
  restoreRequestSchema,
} from './profile-wire.ts'
import { addTextsRoutes } from './texts-routes.ts'

export interface ProfileApiOptions {
  readonly store: ProfileStore
  /**
   * What the local model would read of a profile. Missing: nothing is left out, and no tokens are counted.
   */
  readonly preview?: ((profile: Profile, question: PreviewedQuestion) => Promise<PromptPreview>) | undefined
}

type C = Context<AppEnv, '/costeer/v1/profiles/:id'>

/** Reading and changing profiles below /costeer/v1/profiles, for admins. */
export function addProfilesRoute(
  app: App,
  {
    store,
    preview = unlimitedPreview,
    keys,
  }: ProfileApiOptions & { readonly keys: Config['server']['keys'] },
): void {
  const files = new ProfileFiles(store)
  const base = '/costeer/v1/profiles'
  const one = `${base}/:id` as const
  registerProfilePaths(app.openAPIRegistry)
  const guard = adminCheck(adminTest(keys), 'Profiles')
  app.use(`${base}/*`, guard, unstored)

  app.get(base, async (c) => c.json(await profileListing(store)))
  app.post(base, async (c) => {
    const content = await profileContent(c)
    const written = await files.put(content, { absent: true })
    return c.json(written, 201, { location: `${base}/${written.id}`, ...(await etag(store, written.id)) })
  })
  app.get(one, async (c) => {
    const source = await existingSource(store, c.req.param('id'))
    const headers = { etag: `"${source.version}"` }
    if (meansYaml(c.req.header('accept')))
      return c.body(source.text, 200, { ...headers, 'content-type': YAML_TYPE })
    return c.json(parsedSource(source, c.req.param('id')), 200, headers)
  })
  app.put(one, async (c) => {
    const content = await profileContent(c)
    if (content.profile.id !== c.req.param('id')) {
      throw new GatewayError('invalid_request', 'The id in the body differs from the one in the URL.', {
        param: 'id',
      })
    }
    const written = await files.put(content, expectation(c))
    return c.json(written, 200, await etag(store, written.id))
  })
  app.delete(one, async (c) => c.json(await files.delete(c.req.param('id'), expectation(c))))
  addTextsRoutes(app, { store, files })
  app.get(`${one}/backups`, async (c) => {
    const backups = await listBackups(store.folder, c.req.param('id'))
    const data = backups.map(({ name, ending, savedAt }): ProfileBackupEntry => {
      return { name, of: ending === 'yaml' ? 'profile' : 'texts', savedAt: savedAt.toISOString() }
    })
    return c.json({ object: 'list', data })
  })
  app.post(`${one}/restore`, async (c) => {
    const { backup } = await checkedBody(c, restoreRequestSchema)
    const restored = await files.restore(c.req.param('id'), backup)
    return c.json(restored, 200, await etag(store, restored.id))
  })
  app.post(`${one}/preview`, async (c) => {
    const request = await checkedBody(c, previewRequestSchema)
    const profile = store.get(c.req.param('id'))
    if (profile === undefined) throw profileMissing()
    return c.json((await preview(profile, request)) satisfies ProfilePreview)
  })
}

async function existingSource(store: ProfileStore, id: string): Promise<ProfileSource> {
  const source = await readProfileSource(store.folder, id).catch((error: unknown) => {
    if (error instanceof GatewayError && error.code === 'profile_invalid')
      throw new ProxyError('profile_broken', error.message)
    throw error
  })
  if (source === null) throw profileMissing()
  return source
}

/** The file as it stands, also when the store still uses its last good version. */
function parsedSource({ text }: ProfileSource, id: string): Profile {
  const parsed = parseProfile(text, `${id}.yaml`)
  if (parsed.ok) return parsed.profile
  throw brokenProfile(parsed.problems)
}

async function etag(store: ProfileStore, id: string): Promise<Record<string, string>> {
  const source = await readProfileSource(store.folder, id)
  return source === null ? {} : { etag: `"${source.version}"` }
}

/** The versions that the `If-Match` header allows; null for any. */
function expectation(c: C): Expectation {
  const header = c.req.header('if-match')
  if (header === undefined || header.trim() === '*') return { absent: false, versions: null }
  return {
    absent: false,
    versions: Array.from(header.matchAll(/"([^"]*)"/g), ([, version]) => version ?? ''),
  }
}

async function unlimitedPreview(profile: Profile, question: PreviewedQuestion): Promise<PromptPreview> {
  return previewPrompt(profile, question, { window: null })
}
