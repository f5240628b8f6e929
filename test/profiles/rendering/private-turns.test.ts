import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Profile } from '../../../src/profiles/profile.ts'
import { privateTurns } from '../../../src/profiles/rendering/private-turns.ts'
import { renderPrivateSystem } from '../../../src/profiles/rendering/render-private-system.ts'
import type { ChatMessage } from '../../../src/steer/upstream.ts'
import { CANARY, profiles, sampleProfile } from '../sample-profile.ts'

/** A template's rough likeness: a token for each four characters, and some for each message. */
function countTokens(messages: readonly ChatMessage[]) {
  return messages.reduce((sum, { content }) => sum + 5 + Math.ceil(content.length / 4), 0)
}
const roomy = {
  opening: 'You are kind.',
  query: '',
  countTokens,
  budgetTokens: Number.POSITIVE_INFINITY,
  historyLimit: 2,
}

describe('privateTurns', () => {
  test('writes facts and style as the system message, and each past text as a question and its answer', () => {
    const profile = sampleProfile()
    const { messages, historyEntries } = privateTurns(profile, {
      ...roomy,
      query: 'thank the neighbour for the honey',
      systemText: 'Answer in French.',
    })
    expect(messages).toEqual([
      {
        role: 'system',
        content: `${renderPrivateSystem(profile, { ...roomy, countTokens: () => 0, historyLimit: 0 }).text}\n\nInstructions for this conversation: Answer in French.`,
      },
      { role: 'user', content: 'Write this text: Honey' },
      { role: 'assistant', content: 'The hives gave forty jars of honey this summer.' },
      { role: 'user', content: 'Thank the neighbour' },
      { role: 'assistant', content: 'Thank you for the ladder. I returned it to the shed.' },
    ])
    expect(historyEntries).toBe(2)
  })

  test('takes the texts in the order that is asked for', () => {
    const answers = (order: 'file' | 'best-first' | 'best-last') =>
      privateTurns(sampleProfile(), { ...roomy, query: 'loom shuttle honey', historyLimit: 2, order })
        .messages.filter(({ role }) => role === 'assistant')
        .map(({ content }) => content.slice(0, 9))
    expect(answers('file')).toEqual(['The hives', 'The loom '])
    expect(answers('best-first')).toEqual(['The loom ', 'The hives'])
    expect(answers('best-last')).toEqual(['The hives', 'The loom '])
  })

  test('leaves out past texts first, least fitting first, and refuses when the facts do not fit', () => {
    const profile = sampleProfile()
    const options = { ...roomy, query: 'loom shuttle' }
    const { tokens } = privateTurns(profile, options)
    const fewer = privateTurns(profile, { ...options, budgetTokens: tokens - 1 })
    expect(fewer.historyEntries).toBe(1)
    expect(fewer.leftOut).toEqual({ history: 1, aboutParagraphs: 0, preferences: 0, styleItems: 0 })
    expect(fewer.messages.at(-1)?.content).toContain('shuttle')
    expect(() => privateTurns(profile, { ...options, budgetTokens: 10 })).toThrow(/Shorten/)
  })

  test('never exceeds the budget, and tells nothing of the profile when it fails', () => {
    fc.assert(
      fc.property(profiles, fc.integer({ min: 0, max: 400 }), (profile: Profile, budgetTokens) => {
        const secret = { ...profile, facts: [...profile.facts, CANARY] }
        try {
          const { messages, tokens } = privateTurns(secret, { ...roomy, budgetTokens })
          expect(countTokens(messages)).toBe(tokens)
          expect(tokens).toBeLessThanOrEqual(budgetTokens)
        } catch (failure) {
          expect(failure).toMatchObject({ code: 'context_length_exceeded' })
          expect(String(failure)).not.toContain(CANARY)
        }
      }),
    )
  })
})
