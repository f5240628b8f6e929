import { describe, expect, test } from 'vitest'
import { parseProfile } from '../../../src/profiles/files/parse-profile.ts'
import { formatProblem, profileInvalid } from '../../../src/profiles/profile-problem.ts'
import { CANARY, SAMPLE_YAML } from '../sample-profile.ts'

function problemsOf(source: string): string[] {
  const parsed = parseProfile(source, 'ada.yaml')
  return parsed.ok ? [] : parsed.problems.map(formatProblem)
}

describe('parseProfile', () => {
  test('reads the keys and fills in the ones that are left out', () => {
    expect(parseProfile(SAMPLE_YAML, 'ada.yaml')).toEqual({
      ok: true,
      profile: {
        id: 'ada',
        name: 'Ada',
        facts: ['She is 36'],
        preferences: [],
        private: [],
        writing_style: [],
        about: '',
        history: [{ title: 'Honey', text: 'Forty jars.' }],
      },
    })
  })

  test('keeps numbers, dates and yes/no as the text they are', () => {
    const source = 'id: ada\nname: 42\nfacts: [1.50, yes, 2024-05-31]\nhistory:\n  - {text: no, date: 2024}\n'
    expect(parseProfile(source, 'f')).toMatchObject({
      profile: { name: '42', facts: ['1.50', 'yes', '2024-05-31'], history: [{ text: 'no', date: '2024' }] },
    })
  })

  test('takes a writing style as text or as a list, and an empty key as absent', () => {
    const source = 'id: ada\nname: Ada\nfacts:\npreferences:\nabout:\nhistory:\nwriting_style: Dry.\n'
    expect(parseProfile(source, 'f')).toMatchObject({
      profile: { writing_style: ['Dry.'], facts: [], about: '' },
    })
  })

  test.each([
    ['name: Ada\n', 'ada.yaml:1: id: is missing'],
    ['id: Ada Lovelace\nname: Ada\n', 'ada.yaml:1: id: must be kebab-case'],
    ['id: none\nname: Ada\n', 'ada.yaml:1: id: must be kebab-case'],
    ['id: ada\nname: ""\n', 'ada.yaml:2: name: must not be empty'],
    ['id: ada\nname: Ada\nfacts: She is 36\n', 'ada.yaml:3: facts: must be a list'],
    [
      'id: ada\nname: Ada\nfacts:\n  - good\n  - email: a\n',
      'ada.yaml:5: facts[1]: must be text; put quotes',
    ],
    ['id: ada\nname: Ada\nfacts:\n  - good\n  -\n', 'ada.yaml:5: facts[1]: is missing'],
    [
      'id: ada\nname: Ada\nfacst: []\n',
      'ada.yaml:3: facst: is not a key of a profile. Did you mean "facts"?',
    ],
    [
      'id: ada\nname: Ada\nhistory:\n  - text: a\n    titel: b\n',
      'ada.yaml:5: history[0].titel: is not a key of a profile. Did you mean "title"?',
    ],
    ['id: ada\nname: Ada\n\nhobbies: []\n', 'ada.yaml:4: hobbies: is not a key of a profile'],
    ['id: ada\nname: Ada\nhistory:\n  - title: T\n', 'ada.yaml:4: history[0].text: is missing'],
    ['id: ada\nname: Ada\nhistory:\n  - text: T\n    txt: U\n', 'ada.yaml:5: history[0].txt: is not a key'],
    [
      'id: ada\nname: Ada\nhistory:\n  - text: T\n    date: May\n',
      'ada.yaml:5: history[0].date: must be a date',
    ],
    [
      'id: ada\nname: Ada\nhistory:\n  - text: T\n    title: a\n    task: b\n',
      'ada.yaml:6: history[0].task: cannot',
    ],
    ['id: ada\nname: Ada\nfacts:\n\t- tab\n', 'ada.yaml:4: a tab indents the line'],
    ['id: ada\nname: Ada\nname: Eve\n', 'ada.yaml:3: the same key stands twice'],
    ['id: ada\nname: "Ada\n', 'ada.yaml:3: a quote, bracket or colon is missing'],
    ['id: ada\nname: @ada\n', 'ada.yaml:2: a value begins with "@"'],
    ['id: ada\nname: !ada x\n', 'ada.yaml:2: a value begins with "!"'],
    ['id: ada\nname: "Ada" the first\n', 'ada.yaml:2: text where none is allowed'],
    ['- a\n- b\n', 'ada.yaml:1: must hold "id:"'],
    ['', 'ada.yaml:1: must hold "id:"'],
  ])('names file, line and key of %j', (source, expected) => {
    const problems = problemsOf(source)
    expect(problems[0]?.slice(0, expected.length)).toBe(expected)
  })

  test('reports all problems at once', () => {
    expect(problemsOf('id: X\nfacts: 3\nhobbies: 4\n')).toHaveLength(4)
  })

  test.each([
    `id: ${CANARY} x\nname: Ada\n`,
    `id: ada\nname: {a: ${CANARY}}\n`,
    `id: ada\nname: Ada\nfacts: ${CANARY}\n`,
    `id: ada\nname: Ada\nfacts:\n  - My secret ${CANARY}: yes\n`,
    `id: ada\nname: Ada\nMy secret is ${CANARY}: yes\n`,
    `id: ada\nname: "${CANARY}\n`,
    `id: ada\nname: *${CANARY}\n`,
    `id: ada\nname: !${CANARY} x\n`,
    `id: ada\nname: [${CANARY}\n`,
    `${CANARY}\n`,
    `id: ada\nname: Ada\nhistory:\n  - text: T\n    date: ${CANARY}\n`,
  ])('never repeats what the file says: %j', (source) => {
    const parsed = parseProfile(source, 'ada.yaml')
    if (parsed.ok) throw new Error('the sample must be broken')
    const error = profileInvalid(parsed.problems)
    expect(JSON.stringify([parsed.problems, error.message, error.stack, error.cause])).not.toContain(CANARY)
  })

  test.each([
    ['brackets', `id: ada\nname: Ada\nfacts: ${'['.repeat(40)}\n`],
    ['closed brackets', `id: ada\nname: Ada\nfacts: ${'['.repeat(40)}${']'.repeat(40)}\n`],
    ['very many brackets', `id: ada\nname: Ada\nfacts: ${'['.repeat(9_000)}\n`],
    ['dashes', `id: ada\nname: Ada\nfacts:\n  ${'- '.repeat(40)}x\n`],
    ['keys', `id: ada\nname: Ada\nabout: ${'a: '.repeat(40)}b\n`],
  ])('finds one problem in one deep nesting of %s', (_what, source) => {
    expect(problemsOf(source)).toHaveLength(1)
  })

  test('names the line of an alias that means nothing, and of one inside of itself', () => {
    expect(problemsOf('id: ada\nname: Ada\nfacts:\n  - *bold* words\n')[0]).toMatch(/^ada\.yaml:4: /)
    expect(problemsOf('id: ada\nname: Ada\nfacts: &f\n  - *f\n')[0]).toMatch(/^ada\.yaml:4: /)
  })

  test('does not expand aliases without bound', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]`,
    )
    const problems = problemsOf(`id: ada\nname: Ada\na0: &a0 x\n${levels.join('\n')}\n`)
    expect(problems).toEqual(['ada.yaml:15: the file holds too many aliases ("*name")'])
  })
})
