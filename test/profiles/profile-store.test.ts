import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatProblem } from '../../src/profiles/profile-problem.ts'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'
import { CANARY, SAMPLE_YAML } from './sample-profile.ts'

function named(name: string, id = 'ada') {
  return `id: ${id}\nname: ${name}\n`
}
const broken = `id: ada\nname: Ada\nfacts: ${CANARY}\n`

async function openStore(folder: string, watch = true): Promise<ProfileStore> {
  const store = await ProfileStore.open(folder, { watch, debounceMs: 5 })
  onTestFinished(() => store.close())
  return store
}

/** Resolves once the store, after one of its changes, is as wanted. */
function until(store: ProfileStore, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = store.onChange(() => {
      if (!isSo()) return
      end()
      resolve()
    })
  })
}

describe('ProfileStore', () => {
  test('loads the good files of a folder and says what is wrong with the others', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ada.yaml'), SAMPLE_YAML)
    writeFileSync(join(folder, 'bob.yaml'), named('Bob', 'bob'))
    writeFileSync(join(folder, 'eve.yaml'), named('Eve', 'adam'))
    writeFileSync(join(folder, 'zoe.yml'), named('Zoe', 'zoe'))
    writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0x69, 0xff, 0xfe]))
    writeFileSync(join(folder, '.hidden.yaml'), 'x')
    writeFileSync(join(folder, 'notes.txt'), 'x')
    symlinkSync('nowhere', join(folder, 'gone.yaml'))
    const store = await openStore(folder, false)
    expect(store.list().map(({ id }) => id)).toEqual(['ada', 'bob'])
    expect(store.get('ada')?.facts).toEqual(['She is 36'])
    expect(store.get('zoe')).toBeUndefined()
    expect(store.has('constructor')).toBe(false)
    expect(store.problems().map(formatProblem)).toEqual([
      `${folder}/bytes.yaml: is not UTF-8 text`,
      `${folder}/eve.yaml:1: id: must equal the file's name without .yaml`,
      `${folder}/gone.yaml: cannot be read (ENOENT)`,
      `${folder}/zoe.yml: must end in .yaml to be read`,
    ])
  })

  test('takes regular files alone for profiles, and waits for none', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ada.yaml'), SAMPLE_YAML)
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')])
    symlinkSync('pipe.yaml', join(folder, 'link.yaml'))
    symlinkSync('/dev/zero', join(folder, 'zero.yaml'))
    mkdirSync(join(folder, 'folder.yaml'))
    const store = await openStore(folder, false)
    expect(store.list().map(({ id }) => id)).toEqual(['ada'])
    expect(store.problems().map(formatProblem)).toEqual([
      `${folder}/folder.yaml: cannot be read (it is a folder)`,
      `${folder}/link.yaml: cannot be read (it is no regular file)`,
      `${folder}/pipe.yaml: cannot be read (it is no regular file)`,
      `${folder}/zero.yaml: cannot be read (it is no regular file)`,
    ])
  })

  test('follows files that are written, changed and deleted', async () => {
    const folder = temporaryFolder()
    const store = await openStore(folder)
    const path = join(folder, 'ada.yaml')

    const added = until(store, () => store.has('ada'))
    writeFileSync(path, named('Ada'))
    await added
    const changed = until(store, () => store.get('ada')?.name === 'Countess')
    writeFileSync(path, named('Countess'))
    await changed
    const removed = until(store, () => !store.has('ada'))
    unlinkSync(path)
    await removed
    expect(store.list()).toEqual([])
  })

  test('keeps the last good version of a file that breaks, until it is fixed', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'ada.yaml')
    writeFileSync(path, named('Ada'))
    const store = await openStore(folder)
    const before = store.get('ada')

    const broke = until(store, () => store.problems().length > 0)
    writeFileSync(path, broken)
    await broke
    expect(store.get('ada')).toBe(before)
    expect(store.problems().map(formatProblem)).toEqual([
      `${path}:3: facts: must be a list, one "- " line for each item`,
    ])

    const fixed = until(store, () => store.problems().length === 0)
    writeFileSync(path, named('Ada the second'))
    await fixed
    expect(store.get('ada')?.name).toBe('Ada the second')
  })

  test('follows the swap of the link that a mounted ConfigMap is updated by', async () => {
    const folder = temporaryFolder()
    for (const [version, name] of [
      ['..v1', 'Ada'],
      ['..v2', 'Countess'],
    ] as const) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'ada.yaml'), named(name))
    }
    symlinkSync('..v1', join(folder, '..data'))
    symlinkSync('..data/ada.yaml', join(folder, 'ada.yaml'))
    const store = await openStore(folder)
    expect(store.get('ada')?.name).toBe('Ada')

    const swapped = until(store, () => store.get('ada')?.name === 'Countess')
    symlinkSync('..v2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await swapped
    expect(store.problems()).toEqual([])
  })

  test('follows a folder that is itself a link, and is swapped', async () => {
    const parent = temporaryFolder()
    for (const name of ['one', 'two']) {
      mkdirSync(join(parent, name))
      writeFileSync(join(parent, name, 'ada.yaml'), named(name))
    }
    symlinkSync('one', join(parent, 'profiles'))
    const store = await openStore(join(parent, 'profiles'))
    const swapped = until(store, () => store.get('ada')?.name === 'two')
    symlinkSync('two', join(parent, 'next'))
    renameSync(join(parent, 'next'), join(parent, 'profiles'))
    await swapped

    const edited = until(store, () => store.get('ada')?.name === 'edited')
    writeFileSync(join(parent, 'two', 'ada.yaml'), named('edited'))
    await edited
  })

  test('waits for a folder that does not exist yet, and keeps the profiles of one that goes away', async () => {
    const folder = join(temporaryFolder(), 'profiles')
    const store = await openStore(folder)
    expect(store.problems().map(formatProblem)).toEqual([
      `${folder}: the profile folder cannot be read (ENOENT)`,
    ])

    const found = until(store, () => store.has('ada'))
    mkdirSync(folder)
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    await found
    expect(store.problems()).toEqual([])

    const lost = until(store, () => store.problems().some(({ file }) => file === folder))
    renameSync(folder, `${folder}-away`)
    await lost
    expect(store.has('ada')).toBe(true)
  })

  test('keeps the object of an unchanged file, so that what is cached for it stays', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    const store = await openStore(folder, false)
    const before = store.get('ada')
    const changes: string[] = []
    store.onChange(({ type }) => changes.push(type))
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    writeFileSync(join(folder, 'bob.yaml'), named('Bob', 'bob'))
    await store.reload()
    await store.reload()
    expect(store.get('ada')).toBe(before)
    expect(changes).toEqual(['profile-loaded'])
  })

  test('reads one profile again without the others, and the whole folder where that one is gone', async () => {
    const folder = temporaryFolder()
    for (const id of ['ada', 'bob']) writeFileSync(join(folder, `${id}.yaml`), named('Old', id))
    const store = await openStore(folder, false)
    for (const id of ['ada', 'bob']) writeFileSync(join(folder, `${id}.yaml`), named('New', id))
    await store.reload('ada')
    expect(store.list().map(({ name }) => name)).toEqual(['New', 'Old'])
    unlinkSync(join(folder, 'ada.yaml'))
    await store.reload('ada')
    expect(store.list().map(({ name }) => name)).toEqual(['New'])
  })

  test('follows the texts beside a profile', async () => {
    const folder = temporaryFolder()
    for (const id of ['ada', 'bob']) writeFileSync(join(folder, `${id}.yaml`), named(id, id))
    const store = await openStore(folder)
    const added = until(store, () => store.get('bob')?.history.length === 1)
    writeFileSync(join(folder, 'bob.texts.jsonl'), '{"text":"Dear all"}\n')
    await added
    expect(store.get('bob')?.history).toEqual([{ text: 'Dear all' }])
    expect(store.get('ada')?.history).toEqual([])
  })

  test('reports a problem once, and never what the file says', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    const store = await openStore(folder, false)
    const changes: unknown[] = []
    store.onChange((change) => changes.push(change))
    writeFileSync(join(folder, 'ada.yaml'), broken)
    symlinkSync('nowhere', join(folder, 'gone.yaml'))
    await store.reload()
    await store.reload()
    expect(changes).toHaveLength(2)
    expect(JSON.stringify([changes, store.problems()])).not.toContain(CANARY)
  })

  test('still reads the folder after a listener has thrown', async () => {
    const folder = temporaryFolder()
    const store = await openStore(folder, false)
    const end = store.onChange(() => {
      throw new Error('a bug')
    })
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    await expect(store.reload()).rejects.toThrow('a bug')
    end()
    writeFileSync(join(folder, 'ada.yaml'), named('Countess'))
    await store.reload()
    expect(store.get('ada')?.name).toBe('Countess')
  })

  test('changes nothing after it is closed', async () => {
    const folder = temporaryFolder()
    const store = await openStore(folder)
    store.close()
    writeFileSync(join(folder, 'ada.yaml'), named('Ada'))
    await store.reload()
    expect(store.list()).toEqual([])
  })
})
