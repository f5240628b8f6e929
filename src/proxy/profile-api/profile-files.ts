import { errorCode } from '../../error-code.ts'
import { GatewayError } from '../../gateway-error.ts'
import { deleteProfile, restoreProfile } from '../../profiles/files/delete-profile.ts'
import { loadProfile } from '../../profiles/files/load-profile.ts'
import { listBackups } from '../../profiles/files/profile-backups.ts'
import { readProfileSource } from '../../profiles/files/read-profile-source.ts'
import { profilePath, replaceProfileFile } from '../../profiles/files/replace-profile-file.ts'
import { writeProfile } from '../../profiles/files/write-profile.ts'
import type { Profile } from '../../profiles/profile.ts'
import { formatProblem, type ProfileProblem } from '../../profiles/profile-problem.ts'
import type { ProfileStore } from '../../profiles/profile-store.ts'
import { type AddedTexts, type Additions, addTexts } from '../../profiles/texts/add-texts.ts'
import { removeText } from '../../profiles/texts/remove-text.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { ProfileVersion } from './profile-wire.ts'

/** A checked profile, with the file's text when that is what the client sent. */
export interface ProfileContent {
  readonly profile: Profile
  readonly source: string | null
}

/** What a change needs the file to be: absent, there, or there in one of these versions. */
export type Expectation =
  | { readonly absent: true }
  | { readonly absent: false; readonly versions: readonly string[] | null }

/**
 * Changes to the files of a store, one after the other, each in effect when its promise resolves. They reject
 * with `profile_not_found`, `profile_exists`, `profile_changed` and `profiles_read_only`.
 */
export class ProfileFiles {
  readonly #store: ProfileStore
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: ProfileStore) {
    this.#store = store
  }

  put(content: ProfileContent, expected: Expectation): Promise<ProfileVersion> {
    const { profile, source } = content
    const { folder } = this.#store
    return this.#change(profile.id, expected, async () => {
      const backup =
        source === null
          ? await writeProfile(folder, profile)
          : await replaceProfileFile(folder, { id: profile.id, source })
      return { id: profile.id, backup: backup?.split(/[\\/]/).at(-1) ?? null }
    })
  }

  delete(id: string, expected: Expectation): Promise<ProfileVersion> {
    return this.#change(id, expected, async () => ({
      id,
      backup: await deleteProfile(this.#store.folder, id),
    }))
  }

  /** Puts a backup in place, by default the newest; what stood there becomes a backup in turn. */
  restore(id: string, name?: string): Promise<ProfileVersion> {
    const { folder } = this.#store
    return this.#change(id, null, async () => {
      const backups = await listBackups(folder, id)
      const chosen = name === undefined ? backups[0] : backups.find((backup) => backup.name === name)
      if (chosen === undefined) {
        throw new GatewayError('profile_not_found', 'There is no such earlier version of this profile.')
      }
      await restoreProfile(folder, chosen.name)
      const replaced = (await listBackups(folder, id))[0]
      return { id, backup: replaced === undefined || replaced.name === chosen.name ? null : replaced.name }
    })
  }

  /** Adds what a profile lacks; adding it again changes nothing. Rejects with `profile_broken` as well. */
  addTexts(id: string, additions: Additions): Promise<AddedTexts> {
    const { folder } = this.#store
    return this.#change(id, null, async () => {
      const loaded = await loadProfile(profilePath(folder, id))
      if (loaded.type === 'loaded') return addTexts(folder, loaded.profile, additions)
      if ((await readProfileSource(folder, id)) === null) throw profileMissing()
      throw brokenProfile(loaded.type === 'broken' ? loaded.problems : [])
    })
  }

  /** Takes out the text that `textKey` names so. */
  removeText(id: string, key: string): Promise<ProfileVersion> {
    return this.#change(id, null, async () => ({
      id,
      backup: await removeText(this.#store.folder, { id, key }),
    }))
  }

  #change<Result>(id: string, expected: Expectation | null, work: () => Promise<Result>): Promise<Result> {
    const change = async () => {
      const checkedWork = async () => {
        if (expected !== null) await this.#check(id, expected)
        return work()
      }
      const result = await checkedWork().catch((error: unknown) => {
        throw readOnly(error) ?? error
      })
      await this.#store.reload(id)
      return result
    }
    const done = this.#last.then(change, change)
    this.#last = done.catch(() => {})
    return done
  }

  async #check(id: string, expected: Expectation): Promise<void> {
    const current = await readProfileSource(this.#store.folder, id)
    if (expected.absent) {
      if (current === null) return
      throw new ProxyError(
        'profile_exists',
        'There is a profile of this id already. Choose another id, or change that one.',
      )
    }
    if (current === null) throw profileMissing()
    if (expected.versions === null || expected.versions.includes(current.version)) return
    throw new ProxyError(
      'profile_changed',
      'The profile was changed in the meantime. Read it again, and change that.',
    )
  }
}

/** The files have problems, so that nothing can be read from them. */
export function brokenProfile(problems: readonly ProfileProblem[]): ProxyError {
  const message = `The file has problems; read it as YAML.\n${problems.map(formatProblem).join('\n')}`
  return new ProxyError('profile_broken', message)
}

export function profileMissing(): GatewayError {
  return new GatewayError('profile_not_found', 'There is no profile of this id.')
}

/**
 * A failure of the file system or a link in place of the file, as the refusal that it means for the client.
 */
function readOnly(error: unknown): ProxyError | null {
  if (error instanceof GatewayError && error.code === 'profile_invalid') {
    return new ProxyError(
      'profiles_read_only',
      'The profile is a link to a file kept elsewhere, or no regular file. Change it there.',
    )
  }
  const code = errorCode(error)
  if (!['EACCES', 'EEXIST', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'].includes(code)) return null
  return new ProxyError('profiles_read_only', `The profile folder cannot be written (${code}).`)
}
