import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { configJsonSchema, configurationPage } from './configuration-page.ts'

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

  test.each(['default', 'llama-cpp', 'vllm', 'sglang', 'openai-completions'])(
    'config/%s.yaml names the schema for editors',
    (name) => {
      expect(readFileSync(`config/${name}.yaml`, 'utf8')).toMatch(
        /^# yaml-language-server: \$schema=schema\.json\n/,
      )
    },
  )
})
