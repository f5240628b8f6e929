import { describe, expect, test } from 'vitest'
import { foldedSystem } from '../../../src/slm/text/folded-system.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'

const rules: ChatMessage = { role: 'system', content: 'Be brief.' }
const date: ChatMessage = { role: 'system', content: 'It is May.' }
const question: ChatMessage = { role: 'user', content: 'Who?' }
const greeting: ChatMessage = { role: 'assistant', content: 'Hello.' }

describe('what system messages say', () => {
  test('begins what the user says first, in paragraphs', () => {
    expect(foldedSystem([rules, question, greeting, date])).toEqual([
      { role: 'user', content: 'Be brief.\n\nIt is May.\n\nWho?' },
      greeting,
    ])
  })

  test.each([
    ['where the assistant speaks first', [greeting, question]],
    ['where nobody speaks', []],
  ])('is said by the user %s, so that nothing is lost', (_, others) => {
    expect(foldedSystem([rules, ...others])).toEqual([{ role: 'user', content: 'Be brief.' }, ...others])
  })

  test.each([
    ['there are none', []],
    ['they are blank', [{ role: 'system', content: ' ' } as const]],
  ])('changes nothing where %s', (_, system) => {
    expect(foldedSystem([...system, question, greeting])).toEqual([question, greeting])
  })
})
