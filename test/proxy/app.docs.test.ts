import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { completionFields } from '../../src/proxy/answers/completions/completion-fields.ts'
import {
  responseFields,
  responseMessageFields,
  responsePartFields,
} from '../../src/proxy/answers/responses/response-fields.ts'
import {
  harmlessFields,
  harmlessMessageFields,
  harmlessPartFields,
  honouredFields,
  neutralExtensions,
  neutralMessageValues,
  neutralValues,
} from '../../src/proxy/answers/wire/steered-fields.ts'
import { errorTable } from '../../src/proxy/errors/error-table.ts'
import { temporaryFolder } from '../profiles/temporary-folder.ts'
import { testApp } from './app-under-test.ts'

const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8')
function section(title: string) {
  return page.split(/^##+ /m).find((text) => text.startsWith(title)) ?? ''
}
function missing(names: Iterable<string>, text: string) {
  return [...names].filter((name) => !text.includes(`\`${name}\``))
}

test('docs/api.md lists every field under what happens to it', () => {
  expect(missing(honouredFields, section('Honoured'))).toEqual([])
  expect(
    missing([...harmlessFields, ...harmlessMessageFields, ...harmlessPartFields], section('Harmless')),
  ).toEqual([])
  const neutral = [...Object.keys(neutralValues), ...Object.keys(neutralMessageValues)]
  expect(missing(neutral, section('Bypassed unless neutral'))).toEqual([])
})

test('it does so for completions, where chat does not say it already', () => {
  const { honoured, harmless, neutral } = completionFields
  const own = [...honoured].filter((field) => !honouredFields.has(field))
  const notNeutral = Object.keys(neutral).filter((field) => !Object.hasOwn(neutralExtensions, field))
  expect(missing([...own, ...harmless, ...notNeutral], section('Completions'))).toEqual([])
})

test('it does so for responses', () => {
  const fates = [responseFields, responseMessageFields, responsePartFields]
  const harmless = fates.flatMap((fate) => [...fate.harmless])
  const neutral = fates.flatMap((fate) => Object.keys(fate.neutral))
  expect(missing([...responseFields.honoured, ...harmless, ...neutral], section('Responses'))).toEqual([])
})

test('it lists every error in the row of its status and type', () => {
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
