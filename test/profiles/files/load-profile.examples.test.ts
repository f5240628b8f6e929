import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'

describe('the example profiles', () => {
  const folder = new URL('../../../profiles/', import.meta.url).pathname
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

  test('are at least three', () => {
    expect(names.length).toBeGreaterThanOrEqual(3)
  })

  test.each(names)(
    '%s is good and shows its voice in short texts, each with the task that it answers',
    async (name) => {
      const loaded = await loadProfile(folder + name)
      if (loaded.type !== 'loaded') throw new Error(`${name} is not good`)
      const { facts, preferences, writing_style, history } = loaded.profile
      for (const part of [facts, preferences, writing_style]) expect(part.length).toBeGreaterThan(0)
      expect(history.length).toBeGreaterThanOrEqual(3)
      for (const { task, text } of history) {
        expect(task).toMatch(/\.$|\?$/)
        const words = text.split(/\s+/).length
        expect(words).toBeGreaterThanOrEqual(20)
        expect(words).toBeLessThanOrEqual(200)
      }
      expect(readFileSync(folder + name, 'utf8')).toContain('An invented person')
    },
  )
})
