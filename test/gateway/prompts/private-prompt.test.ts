import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodePrivateChat,
  HISTORY_LIMIT,
  likelyBeginnings,
  previewPrompt,
  privateMessages,
  privatePreface,
} from '../../../src/gateway/prompts/private-prompt.ts'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import type { Profile } from '../../../src/profiles/profile.ts'
import { entryTask } from '../../../src/profiles/rendering/entry-task.ts'
import type { PrivateMessage } from '../../../src/profiles/rendering/private-message.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { profiles, sampleProfile } from '../../profiles/sample-profile.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const tokenizer = createTokenizer(recordedSource('smollm'))
const window = { tokenizer, contextTokens: 100_000 }
const room = { ...window, publicTokens: 0 }
const now = new Date('2026-01-02')

function asking(question: string, system?: string) {
  const instructions: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }]
  return publicConversation([...instructions, { role: 'user', content: question }])
}
/** A profile with more past texts than a prompt holds. */
function prolific() {
  const titles = ['bees', 'honey', 'looms', 'sheds', 'ladders']
  expect(titles.length).toBeGreaterThan(HISTORY_LIMIT)
  return sampleProfile({
    history: titles.map((title) => ({ title, text: `All there is to say of ${title}.` })),
  })
}
/** A profile whose past texts all have their place. */
function terse() {
  return sampleProfile({ history: sampleProfile().history.slice(0, HISTORY_LIMIT) })
}
function textsOf(messages: readonly PrivateMessage[]) {
  return messages.map(({ text }) => text).join('\n\n')
}
/** What every conversation with the profile begins with. */
function stable(profile: Profile) {
  const [first = []] = likelyBeginnings(profile, window)
  return first
}
/** Tokens with which the private prompt of a conversation begins, up to where its own turns follow. */
function tokensBefore(profile: Profile, conversation: readonly ChatMessage[]) {
  return encodePrivateChat(privateMessages(profile, conversation, room), conversation, { tokenizer, now })
}

describe('the private prompt of a conversation', () => {
  test('holds facts, style and instructions in a system message, and each past text as a turn', () => {
    const messages = privateMessages(sampleProfile(), asking('Write to the guild', 'Answer in French.'), room)
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant'])
    expect(messages[0]?.text).toMatch(/^You are a helpful assistant\. You are writing on behalf/)
    expect(messages[0]?.text).toMatch(/Instructions for this conversation: Answer in French\.$/)
    expect(messages[0]?.text).not.toContain('shuttle')
    expect(messages).toContainEqual({ role: 'user', text: 'Write this text: Loom' })
    expect(messages[2]?.text).toContain('shuttle')
  })

  test('shows past texts as turns before the conversation where that form is asked for', () => {
    const form = { kind: 'turns', historyLimit: 2, order: 'file' } as const
    const messages = privateMessages(prolific(), asking('Tell me all about your sheds'), room, form)
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant'])
    expect(messages[0]?.text).toMatch(/^You are a helpful assistant\. You are writing on behalf/)
    expect(messages[0]?.text).not.toContain('All there is')
    expect(messages.at(-1)?.text).toBe('All there is to say of sheds.')
  })

  test('keeps the answer its room in either form', () => {
    for (const kind of ['prose', 'turns'] as const) {
      const form = { kind, historyLimit: 3 }
      const narrow = { ...room, contextTokens: 780 }
      const messages = privateMessages(prolific(), asking(''), narrow, form)
      expect(encodePrivateChat(messages, [], { tokenizer, now }).length, kind).toBeLessThanOrEqual(
        780 - 512 + 16,
      )
    }
  })

  test('says nothing of the instructions that every conversation without its own has', () => {
    const messages = privateMessages(sampleProfile(), asking('Write to the guild'), room)
    expect(textsOf(messages)).not.toContain('Instructions')
  })

  test('takes the place of system messages, before the turns of the conversation', () => {
    const conversation = [
      ...asking('Write to the guild', 'Be brief.'),
      { role: 'assistant' as const, content: 'Dear guild,' },
      { role: 'user' as const, content: 'Longer.' },
    ]
    const before = privateMessages(terse(), conversation, room)
    const spoken = before.map(({ role, text }) => ({ role, content: text }))
    expect(encodePrivateChat(before, conversation, { tokenizer, now })).toEqual(
      tokenizer.encodeChat([...spoken, ...conversation.slice(1)], { now }),
    )
  })

  test('is refused by the compiler where an upstream would get it', () => {
    const leak = (upstream: Upstream, signal: AbortSignal) =>
      // @ts-expect-error A private message is no ChatMessage.
      upstream.encodeChat(privateMessages(terse(), asking('Anything?'), room), signal)
    expect(leak).toBeTypeOf('function')
  })

  test('chooses past texts by the first question of some length, so that later ones change nothing', () => {
    const first: ChatMessage = { role: 'user', content: 'Tell me all about your bees' }
    const begun = privateMessages(prolific(), [first], room)
    const later: ChatMessage = { role: 'user', content: 'And now all about your sheds and ladders' }
    expect(privateMessages(prolific(), [first, later], room)).toEqual(begun)
    expect(privateMessages(prolific(), [later], room)).not.toEqual(begun)
  })

  test('is the same for every question that takes the same texts', () => {
    const about = (question: string) => privateMessages(prolific(), asking(question), room)
    expect(about('All of the ladders and some of the bees')).toEqual(about('All of the bees, a few ladders'))
  })

  test('leaves the room free that the conversation and its answer take', () => {
    const question = asking('')
    const publicTokens = tokenizer.encodeChat(question, { now }).length
    fc.assert(
      fc.property(profiles, fc.integer({ min: 0, max: 600 }), fc.nat(60), (profile, spare, maxTokens) => {
        const contextTokens = publicTokens + spare
        const tight = { tokenizer, contextTokens, maxTokens, publicTokens }
        try {
          const before = privateMessages(profile, question, tight)
          const prompt = encodePrivateChat(before, question, { tokenizer, now })
          expect(prompt.length + maxTokens).toBeLessThanOrEqual(contextTokens)
        } catch (failure) {
          expect(failure).toMatchObject({ code: 'context_length_exceeded' })
        }
      }),
      { numRuns: 50 },
    )
  })

  test("counts a client's system prompt once: the private system message stands in its place", () => {
    const conversation = asking('Hello', 'Write plainly and answer in one line. '.repeat(200))
    const publicTokens = tokenizer.encodeChat(conversation).length
    const facts = tokensBefore(terse(), asking('Hello', 'Write plainly.')).length
    const contextTokens = publicTokens + facts + 600
    expect(publicTokens * 2).toBeGreaterThan(contextTokens)
    const tight = { tokenizer, contextTokens, publicTokens }
    const before = privateMessages(terse(), conversation, tight)
    const prompt = encodePrivateChat(before, conversation, { tokenizer, now })
    expect(prompt.length + 512).toBeLessThanOrEqual(contextTokens)
  })

  test('loses past texts one by one as the room grows less, and is refused without its facts', () => {
    const counts = new Set<number>()
    for (let contextTokens = 900; contextTokens > 660; contextTokens -= 5) {
      counts.add(privateMessages(terse(), asking(''), { ...room, contextTokens }).length)
    }
    expect([...counts]).toEqual([5, 3, 1])
    expect(() => privateMessages(terse(), asking(''), { ...room, contextTokens: 520 })).toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    )
  })

  test('begins with the stable prefix whatever is asked (property)', () => {
    const texts = fc.string({ maxLength: 30 })
    fc.assert(
      fc.property(profiles, texts, fc.option(texts, { nil: undefined }), (profile, question, system) => {
        const prefix = stable(profile)
        const messages = privateMessages(profile, asking(question, system), room)
        expect(messages[0]?.text.startsWith(prefix[0]?.text ?? 'a system message')).toBe(true)
        if (system === undefined) expect(messages.slice(0, prefix.length)).toEqual(prefix)
      }),
      { numRuns: 50 },
    )
  })

  test('shares the tokens of the stable prefix, up to the question, with what warming computes', () => {
    const warmed = encodePrivateChat(stable(terse()), [{ role: 'user', content: '' }], {
      tokenizer,
      now,
    })
    const [first, second] = ['Tell me of bees', 'A letter, please'].map((question) =>
      tokensBefore(terse(), asking(question)),
    )
    const shared = warmed.findIndex((token, at) => token !== first?.[at] || token !== second?.[at])
    expect(shared).toBeGreaterThan(warmed.length - 10)
  })

  test('is all stable prefix where every past text has its place', () => {
    expect([...likelyBeginnings(terse(), window)]).toEqual([
      privateMessages(terse(), asking('Anything at all?'), room),
    ])
    expect(textsOf(stable(prolific()))).not.toContain('All there is to say')
  })

  test('begins, behind the stable prefix, likely as it does for no known question or for one of its own', () => {
    const [first, ...likely] = likelyBeginnings(prolific(), window)
    expect(first).toEqual(stable(prolific()))
    expect(likely[0]).toEqual(privateMessages(prolific(), asking('Hello!'), room))
    for (const entry of prolific().history)
      expect(likely).toContainEqual(privateMessages(prolific(), asking(entryTask(entry)), room))
    expect(new Set(likely.map((messages) => JSON.stringify(messages))).size).toBe(likely.length)
  })

  test('is only known to its stable prefix among very many texts', () => {
    const history = Array.from({ length: 17 }, (_, at) => ({ text: `Text ${at}.` }))
    expect([...likelyBeginnings({ ...prolific(), history }, window)]).toEqual([stable(prolific())])
  })
})

describe('a preview', () => {
  const question = { query: 'Tell me all about your bees', system: 'Be brief.' }

  test('shows what the conversation would get, and counts its tokens before an empty question', () => {
    const { messages, tokens, historyEntries } = previewPrompt(prolific(), question, { window })
    expect(messages).toEqual(privateMessages(prolific(), asking(question.query, question.system), room))
    const empty = [{ role: 'user', content: '' }] as const
    expect(tokens).toBe(encodePrivateChat(messages, empty, { tokenizer, now }).length)
    expect(historyEntries).toBe(HISTORY_LIMIT)
  })

  test('tells what a window leaves out', () => {
    const { leftOut } = previewPrompt(prolific(), question, { window: { ...window, contextTokens: 740 } })
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

test('a prompt without chat template has facts, style and past texts as prose before it, and a blank line', () => {
  const [system] = privateMessages(prolific(), asking('Tell me all about your bees'), room)
  const preface = privatePreface(prolific(), 'Tell me all about your bees', room)
  expect(preface.startsWith(`${system?.text}\n\nTexts the user wrote before:\n\nbees\nAll there is`)).toBe(
    true,
  )
  expect(preface).toMatch(/All there is to say of \w+\.\n\n$/)
})
