import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileRefused, readProblem, withFileLimit } from '../read-regular-file.ts'
import { PROFILE_EXTENSION } from './files/load-profile.ts'
import type { ProfileChange, ProfileFileState } from './files/profile-file-state.ts'
import { refreshProfileFile, unseenFile } from './files/profile-file-state.ts'
import { ownFileOf } from './files/texts-file.ts'
import type { FolderWatch } from './files/watch-folder.ts'
import { watchFolder } from './files/watch-folder.ts'
import type { Profile } from './profile.ts'
import type { ProfileProblem } from './profile-problem.ts'

export interface ProfileStoreOptions {
  /** Follow changes of the folder. Default: true. */
  readonly watch?: boolean
  /** Default: 100. */
  readonly debounceMs?: number
}

/** Of more names the system may have lost some: it tells of so many at once only. */
const MOST_NAMES = 100

/**
 * The profiles of one folder, kept current. A profile object is replaced, never changed, when its file
 * changes, so its identity can serve as the version. A file that breaks keeps its last good version.
 */
export class ProfileStore {
  readonly folder: string
  #files = new Map<string, ProfileFileState>()
  #folderProblems: readonly ProfileProblem[] = []
  readonly #listeners = new Set<(change: ProfileChange) => void>()
  #watch: FolderWatch | null = null
  #scans: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Loads the folder. Broken files and a missing folder are `problems()`, not failures. */
  static async open(
    folder: string,
    { watch = true, debounceMs = 100 }: ProfileStoreOptions = {},
  ): Promise<ProfileStore> {
    const store = new ProfileStore(folder)
    if (watch && (await answers(folder)))
      store.#watch = watchFolder({ folder, debounceMs, onChange: (names) => void store.#read(names) })
    await store.reload()
    return store
  }

  get(id: string): Profile | undefined {
    return this.#files.get(`${id}${PROFILE_EXTENSION}`)?.profile ?? undefined
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  /** Sorted by id. */
  list(): readonly Profile[] {
    const profiles = [...this.#files.values()].flatMap(({ profile }) => profile ?? [])
    return profiles.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** What is wrong now, files in alphabetical order; empty when every file is good. */
  problems(): readonly ProfileProblem[] {
    const names = [...this.#files.keys()].sort()
    return [...this.#folderProblems, ...names.flatMap((name) => this.#files.get(name)?.problems ?? [])]
  }

  /** Calls the listener after each change has taken effect. Returns the function that ends it. */
  onChange(listener: (change: ProfileChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads the folder again now, or of it one profile alone. Scans run one after the other. */
  reload(id?: string): Promise<void> {
    return this.#read(id === undefined ? null : new Set([`${id}${PROFILE_EXTENSION}`]))
  }

  close(): void {
    this.#closed = true
    this.#watch?.close()
    this.#listeners.clear()
  }

  /** With the names of what has changed, others are not read. */
  #read(changed: ReadonlySet<string> | null): Promise<void> {
    const scan = () => this.#scan(changed)
    this.#scans = this.#scans.then(scan, scan)
    return this.#scans
  }

  async #scan(changed: ReadonlySet<string> | null): Promise<void> {
    if (this.#closed) return
    const few = await this.#filesOf(changed)
    const names = few ?? (await this.#readNames())
    if (names === null) return
    const before = this.#files
    const after = new Map<string, ProfileFileState>(few === null ? [] : before)
    const changes: ProfileChange[] = []
    for (const name of names) {
      const { state, change } = await refreshProfileFile(
        join(this.folder, name),
        before.get(name) ?? unseenFile,
      )
      after.set(name, state)
      if (change !== null) changes.push(change)
    }
    for (const [name, { profile }] of before) {
      if (!after.has(name) && profile !== null) changes.push({ type: 'profile-removed', id: profile.id })
    }
    this.#files = after
    for (const change of changes) this.#announce(change)
  }

  /** The profiles' own files among what has changed; null where only the whole folder tells. */
  async #filesOf(changed: ReadonlySet<string> | null): Promise<string[] | null> {
    if (changed === null || changed.size > MOST_NAMES || this.#folderProblems.length > 0) return null
    const names = new Set<string>()
    for (const one of changed) {
      const name = ownFileOf(one)
      if (name === null || !(await isThere(join(this.folder, name)))) return null
      names.add(name)
    }
    return [...names].sort()
  }

  async #readNames(): Promise<string[] | null> {
    try {
      const names = await withFileLimit(this.folder, () => readdir(this.folder))
      this.#folderProblems = []
      return names.filter((name) => !name.startsWith('.') && /\.ya?ml$/.test(name)).sort()
    } catch (error) {
      const message = `the profile folder cannot be read (${readProblem(error)})`
      const problem = { file: this.folder, line: null, key: null, message }
      if (this.#folderProblems[0]?.message !== message) {
        this.#folderProblems = [problem]
        this.#announce({ type: 'profile-broken', problems: this.#folderProblems })
      }
      return null
    }
  }

  #announce(change: ProfileChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

async function isThere(path: string): Promise<boolean> {
  return withFileLimit(path, () => lstat(path)).then(
    () => true,
    () => false,
  )
}

/** Watching a folder on a dead mount would hang this thread. */
async function answers(folder: string): Promise<boolean> {
  return withFileLimit(folder, () => stat(folder)).then(
    () => true,
    (error: unknown) => !(error instanceof FileRefused),
  )
}
