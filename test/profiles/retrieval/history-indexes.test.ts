import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Profile } from '../../../src/profiles/profile.ts'
import { ProfileStore } from '../../../src/profiles/profile-store.ts'
import { retrieveHistory } from '../../../src/profiles/rendering/retrieve-history.ts'
import { HistoryIndexes } from '../../../src/profiles/retrieval/history-indexes.ts'
import { indexOf } from '../../../src/profiles/retrieval/indexed-history.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const many = Array.from({ length: 300 }, (_, id) => ({
  task: `Letter number${id}`,
  text: `This is the text about subject${id}, ${'and more of it '.repeat(20)}`,
}))

function write(folder: string, id: string, texts: readonly object[]): void {
  writeFileSync(join(folder, `${id}.yaml`), `id: ${id}\nname: Ann\n`)
  writeFileSync(join(folder, `${id}.texts.jsonl`), texts.map((text) => `${JSON.stringify(text)}\n`).join(''))
}

async function opened(root: string) {
  const store = await ProfileStore.open(join(root), { watch: false })
  const indexes = new HistoryIndexes({ store, folder: join(root, '.state') })
  onTestFinished(() => indexes.close())
  const ready = async (id: string): Promise<Profile> => {
    const profile = store.get(id) as Profile
    await indexes.ready(profile)
    return profile
  }
  return { store, indexes, ready, kept: () => readdirSync(join(root, '.state')) }
}

describe('HistoryIndexes', () => {
  test('has the index of a large profile ready, and finds the text of a question', async () => {
    const root = temporaryFolder()
    write(root, 'ann', many)
    const { ready, kept } = await opened(root)
    const ann = await ready('ann')
    expect(indexOf(ann)).not.toBeNull()
    expect(retrieveHistory(ann, { query: 'write about subject123', limit: 2 })[0]?.index).toBe(123)
    expect(kept()).toEqual([expect.stringMatching(/^[0-9a-f]{16}-ann\.index$/)])
  })

  test('finds new texts of a changed profile', async () => {
    const root = temporaryFolder()
    write(root, 'ann', many)
    const { ready, store } = await opened(root)
    await ready('ann')
    write(root, 'ann', [...many, { text: 'The ladder is back.' }])
    await store.reload()
    const ann = await ready('ann')
    expect(retrieveHistory(ann, { query: 'ladder', limit: 1 })[0]?.index).toBe(300)
  })

  test('keeps nothing of small profiles, nor of those that are gone or have shrunk', async () => {
    const root = temporaryFolder()
    for (const id of ['ann', 'bob']) write(root, id, many)
    write(root, 'eve', many.slice(0, 3))
    const first = await opened(root)
    for (const id of ['ann', 'bob', 'eve']) await first.ready(id)
    expect(first.kept()).toHaveLength(2)
    await first.indexes.close()
    rmSync(join(root, 'bob.yaml'))
    write(root, 'ann', many.slice(0, 3))
    const second = await opened(root)
    for (const id of ['ann', 'eve']) await second.ready(id)
    await second.indexes.close()
    expect(second.kept()).toEqual([])
  })

  test('ends what it builds when it is closed', async () => {
    const root = temporaryFolder()
    write(root, 'ann', many)
    const { indexes, store } = await opened(root)
    await indexes.close()
    await indexes.ready(store.get('ann') as Profile)
    expect(existsSync(join(root, '.state'))).toBe(false)
  })
})
