import fc from 'fast-check'
import { privateKinds } from '../../src/guard/private-value.ts'
import type { Profile } from '../../src/profiles/profile.ts'
import { profileSchema } from '../../src/profiles/profile.ts'

/** Stands for private text: it must never come out in an error, a log line or a problem. */
export const CANARY = 'canary-7f3a'

export function sampleProfile(changes: Partial<Profile> = {}): Profile {
  return profileSchema.parse({
    id: 'ada',
    name: 'Ada',
    facts: ['She is 36', 'She keeps bees.'],
    preferences: ['Tea, never coffee'],
    writing_style: ['Short sentences.'],
    about: 'She repairs looms.\n\nShe walks a lot.',
    history: [
      { title: 'Honey', text: 'The hives gave forty jars of honey this summer.', date: '2024-08-01' },
      { title: 'Loom', text: 'The loom needs a new shuttle before the guild meets.', date: '2025-01-01' },
      { task: 'Thank the neighbour', text: 'Thank you for the ladder. I returned it to the shed.' },
    ],
    ...changes,
  })
}

/** A profile as the YAML that people write. */
export const SAMPLE_YAML = `id: ada
name: Ada
facts:
  - She is 36
history:
  - title: Honey
    text: |
      Forty jars.
`

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const lines = fc.array(line, { maxLength: 4 })
const paragraphs = lines.map((parts) => parts.join('\n\n').trim())

const historyEntry = fc
  .record({
    heading: fc.constantFrom('title', 'task', null),
    words: line,
    date: fc.option(fc.constantFrom('2024', '2024-05', '2023-12-31'), { nil: undefined }),
    text: fc.array(line, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('\n')),
  })
  .map(({ heading, words, date, text }) => ({
    ...(heading === null ? {} : { [heading]: words }),
    date,
    text,
  }))

/** Profiles of every shape, with texts of any script. */
export const profiles: fc.Arbitrary<Profile> = fc
  .record({
    id: fc.constantFrom('ada', 'b2', 'a-long-id'),
    name: line,
    private: fc.array(
      fc.record({
        kind: fc.constantFrom(...privateKinds),
        value: line.map((text) => `Ada ${text}`),
        forms: fc.constantFrom([], ['Ada']),
      }),
      { maxLength: 2 },
    ),
    facts: lines,
    preferences: lines,
    writing_style: lines,
    about: paragraphs,
    history: fc.array(historyEntry, { maxLength: 5 }),
  })
  .map((raw) => profileSchema.parse(raw))
