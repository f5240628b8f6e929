import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { errorTable } from '../../src/proxy/errors/error-table.ts'
import { temporaryFolder } from '../setup/temporary-folder.ts'
import { testApp } from './app-under-test/test-app.ts'

const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8')
function section(title: string) {
  return page.split(/^##+ /m).find((text) => text.startsWith(title)) ?? ''
}
function missing(names: Iterable<string>, text: string) {
  return [...names].filter((name) => !text.includes(`\`${name}\``))
}

test('docs/api.md lists every error in the row of its status and type', () => {
  const rows = section('Errors').split('\n')
  for (const [code, { status, type }] of Object.entries(errorTable)) {
    const row = rows.find((line) => line.startsWith(`| ${status} | \`${type}\``))
    expect(missing([code], row ?? '')).toEqual([])
  }
})

test('it lists every route', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'index.html'), '')
  const store = await ProfileStore.open(folder, { watch: false })
  const { app } = testApp({ script: { choices: [[]] }, profiles: { store }, pageFolder: folder })
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  const names = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`)
  expect(missing(names, page)).toEqual([])
})
