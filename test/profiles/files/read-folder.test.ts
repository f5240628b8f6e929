import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFolderAt, removeEverythingRead, removeRead } from '../../../src/profiles/files/read-folder.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'

const models = ['0123456789abcdef', 'fedcba9876543210']

function profilesRead(...ids: readonly string[]): string {
  const folder = temporaryFolder()
  for (const model of models)
    for (const id of ids) {
      mkdirSync(join(folder, '.read', model, id), { recursive: true })
      writeFileSync(join(folder, '.read', model, id, 'block'), 'rows')
    }
  return folder
}

test('what was read of one profile goes, whichever model has read it, and nothing of others', async () => {
  const folder = profilesRead('ada', 'bob')
  await removeRead(folder, 'ada')
  for (const model of models) expect(readdirSync(join(folder, '.read', model))).toEqual(['bob'])
})

test.each(['..', '../..', 'none', ''])('%j is no profile, and nothing goes', async (id) => {
  const folder = profilesRead('bob')
  await removeRead(folder, id)
  for (const model of models) expect(readdirSync(join(folder, '.read', model))).toEqual(['bob'])
})

test('all of it goes', async () => {
  const folder = profilesRead('ada')
  for (const name of ['.gitignore', 'CACHEDIR.TAG']) writeFileSync(join(folder, '.read', name), '')
  await removeEverythingRead(folder)
  expect(readdirSync(folder)).toEqual([])
})

test('but nothing that somebody else has put there', async () => {
  const folder = profilesRead('ada')
  mkdirSync(join(folder, '.read', 'letters'))
  await removeEverythingRead(folder)
  expect(readdirSync(join(folder, '.read'))).toEqual(['letters'])
})

test('where there is no folder of profiles, nothing is to be removed, and no place to keep anything', async () => {
  const missing = join(temporaryFolder(), 'missing')
  await removeRead(missing, 'ada')
  await removeEverythingRead(missing)
  expect(await readFolderAt(missing)).toBeNull()
  expect(existsSync(missing)).toBe(false)
})
