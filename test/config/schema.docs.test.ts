import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shippedConfig } from '../../src/cli/installation/shipped-files.ts'
import { type UpstreamKind, upstreamKinds } from '../../src/upstream/kinds.ts'
import { configJsonSchema, configurationPage } from './configuration-page.ts'

const kinds = Object.keys(upstreamKinds) as UpstreamKind[]

// "npm run docs" writes both files anew.
describe('the documentation of the configuration', () => {
  test('docs/configuration.md says what the schema says', async () => {
    await expect(configurationPage()).toMatchFileSnapshot('../../docs/configuration.md')
  })

  test('config/schema.json is the schema', async () => {
    await expect(configJsonSchema()).toMatchFileSnapshot('../../config/schema.json')
  })

  test('every key and every variable has a meaning', () => {
    const rows = configurationPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter((row) => /\| (undefined)? ?\|$/.test(row))).toEqual([])
  })

  test.each(kinds)('the configuration for %s names the schema for editors', (kind) => {
    expect(readFileSync(shippedConfig(kind), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=schema\.json\n/,
    )
  })

  test('docs/upstreams.md has a row for each kind of upstream, in their order', () => {
    const table = /^\| kind \| server \|.*\n(?:\|.*\n)+/m.exec(readFileSync('docs/upstreams.md', 'utf8'))?.[0]
    expect([...(table ?? '').matchAll(/^\| `([\w-]+)` /gm)].map(([, kind]) => kind)).toEqual(kinds)
  })
})
