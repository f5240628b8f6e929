import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  HISTORY_LIMIT,
  previewPrompt,
  privateMessages,
  privatePreface,
  readableText,
  stablePrefix,
} from '../../../src/gateway/prompts/private-prompt.ts'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { ChatMessage } from '../../../src/steer/upstream.ts'
import { profiles, sampleProfile } from '../../profiles/sample-profile.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const tokenizer = createTokenizer(recordedSource('smollm'))
const window = { tokenizer, contextTokens: 100_000 }
const room = { ...window, publicTokens: 0 }

function asking(question: string, system?: string) {
  const instructions: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }]
  return publicConversation([...instructions, { role: 'user', content: question }])
}
/** A profile with one past text too many for a prompt to hold them all. */
function prolific() {
  const titles = ['bees', 'honey', 'looms', 'sheds', 'ladders']
  expect(titles.length).toBeGreaterThan(HISTORY_LIMIT)
  return sampleProfile({
    history: titles.map((title) => ({ title, text: `All there is to say of ${title}.` })),
  })
}

describe('the private prompt of a conversation', () => {
  test("holds the client's instructions, and takes the place of its system messages", () => {
    const messages = privateMessages(sampleProfile(), asking('Write to the guild', 'Answer in French.'), room)
    expect(messages.map(({ role }) => role)).toEqual(['system'])
    expect(readableText(messages)).toMatch(/^You are a helpful assistant\. You are writing on behalf/)
    expect(readableText(messages)).toMatch(/Instructions for this conversation: Answer in French\.$/)
  })

  test('shows past texts as turns before the conversation where that form is asked for', () => {
    const form = { kind: 'turns', historyLimit: 2, order: 'file' } as const
    const messages = privateMessages(prolific(), asking('Tell me all about your sheds'), room, form)
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant'])
    expect(messages[0]?.content).toMatch(/^You are a helpful assistant\. You are writing on behalf/)
    expect(messages[0]?.content).not.toContain('All there is')
    expect(messages.at(-1)?.content).toBe('All there is to say of sheds.')
  })

  test('keeps the answer its room in either form', () => {
    for (const kind of ['prose', 'turns'] as const) {
      const form = { kind, historyLimit: 3 }
      const narrow = { ...room, contextTokens: 780 }
      const messages = privateMessages(prolific(), asking(''), narrow, form)
      expect(tokenizer.encodeChat(messages).length, kind).toBeLessThanOrEqual(780 - 512 + 16)
    }
  })

  test('says nothing of the instructions that every conversation without its own has', () => {
    const messages = privateMessages(sampleProfile(), asking('Write to the guild'), room)
    expect(readableText(messages)).not.toContain('Instructions')
  })

  test('chooses past texts by the first question of some length, so that later ones change nothing', () => {
    const first: ChatMessage = { role: 'user', content: 'Tell me all about your bees' }
    const begun = privateMessages(prolific(), [first], room)
    const later: ChatMessage = { role: 'user', content: 'And now all about your sheds and ladders' }
    expect(privateMessages(prolific(), [first, later], room)).toEqual(begun)
    expect(privateMessages(prolific(), [later], room)).not.toEqual(begun)
  })

  test('leaves the room free that the conversation and its answer take', () => {
    const countOf = (changes: Partial<typeof room & { maxTokens: number }>) => {
      const messages = privateMessages(sampleProfile(), asking(''), { ...room, ...changes })
      return tokenizer.encode(readableText(messages)).length
    }
    const whole = countOf({})
    expect(countOf({ contextTokens: whole + 512 })).toBe(whole)
    expect(countOf({ contextTokens: whole + 511 })).toBeLessThan(whole)
    expect(countOf({ contextTokens: whole + 16, maxTokens: 16 })).toBe(whole)
    expect(countOf({ contextTokens: whole + 16, maxTokens: 16, publicTokens: 1 })).toBeLessThan(whole)
    expect(() => countOf({ contextTokens: 520 })).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    )
  })

  test('begins with the stable prefix whatever is asked (property)', () => {
    const texts = fc.string({ maxLength: 30 })
    fc.assert(
      fc.property(profiles, texts, fc.option(texts, { nil: undefined }), (profile, question, system) => {
        const prefix = readableText(stablePrefix(profile, window))
        const text = readableText(privateMessages(profile, asking(question, system), room))
        expect(text.startsWith(prefix)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('is all stable prefix where every past text has its place', () => {
    const profile = sampleProfile()
    expect(stablePrefix(profile, window)).toEqual(privateMessages(profile, asking('Anything at all?'), room))
    expect(readableText(stablePrefix(prolific(), window))).not.toContain('All there is to say')
  })
})

describe('a preview', () => {
  const question = { query: 'Tell me all about your bees', system: 'Be brief.' }

  test('shows what the conversation would get, and counts its tokens', () => {
    const { messages, tokens, historyEntries } = previewPrompt(prolific(), question, { window })
    expect(messages).toEqual(privateMessages(prolific(), asking(question.query, question.system), room))
    expect(tokens).toBe(tokenizer.encode(readableText(messages)).length)
    expect(historyEntries).toBe(HISTORY_LIMIT)
  })

  test('tells what a window leaves out', () => {
    const { leftOut } = previewPrompt(prolific(), question, { window: { ...window, contextTokens: 800 } })
    expect(leftOut.history).toBeGreaterThan(0)
  })

  test('without a local model leaves nothing out and counts nothing', () => {
    const { tokens, leftOut, historyEntries } = previewPrompt(prolific(), question, {
      window: null,
      historyLimit: 5,
    })
    expect(tokens).toBeNull()
    expect(historyEntries).toBe(5)
    expect(leftOut).toEqual({ history: 0, aboutParagraphs: 0, preferences: 0, styleItems: 0 })
  })
})

test('a prompt without chat template has the same text before it, and a blank line', () => {
  const text = readableText(privateMessages(prolific(), asking('Tell me all about your bees'), room))
  expect(privatePreface(prolific(), 'Tell me all about your bees', room)).toBe(`${text}\n\n`)
})
