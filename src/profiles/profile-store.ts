import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileRefused, readProblem, withFileLimit } from '../read-regular-file.ts'
import { PROFILE_EXTENSION } from './files/load-profile.ts'
import type { ProfileChange, ProfileFileState } from './files/profile-file-state.ts'
import { refreshProfileFile, unseenFile } from './files/profile-file-state.ts'
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
      store.#watch = watchFolder({ folder, debounceMs, onChange: () => void store.reload() })
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

  /** Reads the folder again now. Scans run one after the other. */
  reload(): Promise<void> {
    const scan = () => this.#scan()
    this.#scans = this.#scans.then(scan, scan)
    return this.#scans
  }

  close(): void {
    this.#closed = true
    this.#watch?.close()
    this.#listeners.clear()
  }

  async #scan(): Promise<void> {
    if (this.#closed) return
    const names = await this.#readNames()
    if (names === null) return
    const before = this.#files
    const after = new Map<string, ProfileFileState>()
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

/** Watching a folder on a dead mount would hang this thread. */
async function answers(folder: string): Promise<boolean> {
  return withFileLimit(folder, () => stat(folder)).then(
    () => true,
    (error: unknown) => !(error instanceof FileRefused),
  )
}
