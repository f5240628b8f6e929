import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import type { PrivateProseOptions } from '../../../src/profiles/rendering/private-prose.ts'
import { privateProse } from '../../../src/profiles/rendering/private-prose.ts'
import { CANARY, profiles, sampleProfile } from '../sample-profile.ts'

/** A tokenizer's rough likeness: a token for each four characters of each line. */
function countTokens(text: string) {
  return text.split('\n').reduce((sum, line) => sum + 1 + Math.ceil(line.length / 4), 0)
}
const roomy = {
  opening: 'You are kind.',
  query: '',
  countTokens,
  budgetTokens: Number.POSITIVE_INFINITY,
  historyLimit: 4,
}

/** What no question and no window changes. */
function stableText(profile: Profile) {
  return privateProse(profile, { ...roomy, historyLimit: 0 }).text
}

describe('privateProse', () => {
  test('writes the profile as plain prose, stable parts first', () => {
    const { text, leftOut, historyEntries } = privateProse(sampleProfile(), {
      ...roomy,
      query: 'honey',
      historyLimit: 2,
    })
    expect(text).toBe(
      [
        'You are kind. You are writing on behalf of this user, in their voice, the way they would write it themselves.',
        'About the user: The user is Ada. She is 36. She keeps bees.',
        'How the user writes: Short sentences.',
        'What the user prefers: Tea, never coffee.',
        'She repairs looms.',
        'She walks a lot.',
        'Texts the user wrote before:',
        'Honey\nThe hives gave forty jars of honey this summer.',
        'Loom\nThe loom needs a new shuttle before the guild meets.',
      ].join('\n\n'),
    )
    expect(leftOut).toEqual({ history: 0, aboutParagraphs: 0, preferences: 0, styleItems: 0 })
    expect(historyEntries).toBe(2)
  })

  test('leaves out the lead of what the profile does not have', () => {
    const bare = sampleProfile({ facts: [], preferences: [], writing_style: [], about: '', history: [] })
    const { text } = privateProse(bare, roomy)
    expect(text).toMatch(/About the user: The user is Ada\.$/)
  })

  test('renders the same text for every query that takes the same texts', () => {
    const render = (query: string) => privateProse(sampleProfile(), { ...roomy, query }).text
    expect(render('a new shuttle')).toBe(render('honey'))
  })

  test('leaves out texts first, least relevant first, then about, preferences and style', () => {
    const profile = sampleProfile()
    const full = privateProse(profile, { ...roomy, query: 'loom shuttle' })
    const kinds: string[] = []
    for (let budgetTokens = full.tokens; ; budgetTokens--) {
      const fitted = tryRender(profile, { ...roomy, query: 'loom shuttle', budgetTokens })
      if (fitted === null) break
      const { leftOut, text } = fitted
      const state = `${Object.values(leftOut).join('')}${text.includes('Loom\n') ? ' loom' : ''}`
      if (kinds.at(-1) !== state) kinds.push(state)
    }
    expect(kinds).toEqual(['0000 loom', '1000 loom', '2000 loom', '3000', '3100', '3200', '3210', '3211'])
  })

  test('keeps the budget, cuts no part, and keeps what is stable a prefix (property)', () => {
    const cases = fc.record({
      profile: profiles,
      query: fc.string({ maxLength: 30 }),
      historyLimit: fc.nat(6),
      budgetTokens: fc.nat(300),
    })
    fc.assert(
      fc.property(cases, ({ profile, ...options }) => {
        const fitted = tryRender(profile, { ...roomy, ...options })
        if (fitted === null) return
        const { text, tokens, leftOut, historyEntries } = fitted
        expect(tokens).toBe(countTokens(text))
        expect(tokens).toBeLessThanOrEqual(options.budgetTokens)

        const stable = stableText(profile)
        const leftStable = leftOut.aboutParagraphs + leftOut.preferences + leftOut.styleItems > 0
        if (leftStable) expect(historyEntries).toBe(0)
        else expect(text.startsWith(stable)).toBe(true)
        if (leftStable) expect(stable.startsWith(`${text}\n\n`)).toBe(true)

        const available = Math.min(options.historyLimit, profile.history.length)
        expect(historyEntries + leftOut.history).toBe(available)
        if (historyEntries === profile.history.length) {
          for (const entry of profile.history) expect(text).toContain(`\n${entry.text}`)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('refuses when even the facts do not fit, without a word of the profile', () => {
    const profile = sampleProfile({ facts: [CANARY], name: CANARY, about: CANARY })
    const render = () => privateProse(profile, { ...roomy, budgetTokens: 10 })
    expect(render).toThrow(GatewayError)
    expect(render).toThrow(
      expect.objectContaining({
        code: 'context_length_exceeded',
        message: expect.not.stringContaining(CANARY),
      }),
    )
  })
})

function tryRender(profile: Profile, options: PrivateProseOptions) {
  try {
    return privateProse(profile, options)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'context_length_exceeded') return null
    throw error
  }
}
