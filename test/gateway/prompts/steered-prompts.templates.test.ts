import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import { steeredPrompts } from '../../../src/gateway/prompts/steered-prompts.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { CANARY, sampleProfile } from '../../profiles/sample-profile.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const TURNS = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
const STRICTLY =
  "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}" +
  "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
const templates: Readonly<Record<string, string>> = {
  ChatML: TURNS,
  'one that refuses neighbours of one role':
    "{% for m in messages %}{% if loop.index0 > 0 and m['role'] == messages[loop.index0 - 1]['role'] %}" +
    `{{ raise_exception('x') }}{% endif %}{% endfor %}${TURNS}`,
  'one that refuses system messages, and any but strict turns':
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" +
    `${STRICTLY}{% endfor %}${TURNS}`,
  'one that takes a system message and then strict turns':
    "{% if messages[0]['role'] == 'system' %}{% set own = messages[0]['content'] %}{% set messages = messages[1:] %}" +
    "{% else %}{% set own = '' %}{% endif %}" +
    `${STRICTLY}{% endfor %}{{ own }}${TURNS}`,
  'one that leaves out system messages without a word':
    "{% for m in messages %}{% if m['role'] != 'system' %}[{{ m['role'] }}] {{ m['content'] | trim }}\n{% endif %}{% endfor %}",
  'one that leaves out what it does not know':
    "{% for m in messages %}{% if m['role'] in ['user', 'assistant'] %}[{{ m['role'] }}] {{ m['content'] }}\n{% endif %}{% endfor %}",
  'one that reads a system message in front alone':
    "{% for m in messages %}{% if m['role'] == 'system' and not loop.first %}{{ raise_exception('System message must be at the beginning.') }}{% endif %}{% endfor %}" +
    TURNS,
  'one that refuses unknown roles':
    "{% for m in messages %}{% if m['role'] not in ['system', 'user', 'assistant'] %}{{ raise_exception('Unknown role') }}{% endif %}{% endfor %}" +
    TURNS,
}

const source = recordedSource('qwen2')
const vocabulary = createVocabulary(source)
const profile = sampleProfile({ facts: [CANARY] })

function textOf(tokens: readonly TokenId[]) {
  return Buffer.concat(tokens.map((token) => vocabulary.bytes(token))).toString()
}

function promptsIn(template: string, conversation: readonly ChatMessage[]) {
  const tokenizer = createTokenizer({ ...source, chatTemplate: template })
  const window = { tokenizer, contextTokens: 8000 }
  const { with: private_, without } = steeredPrompts(publicConversation(conversation), profile, window)
  return { with: textOf(private_), without: textOf(without) }
}

/** Numbered words, so that each text occurs once, in an order that can be read off. */
const conversations = fc
  .array(fc.constantFrom('system', 'user', 'assistant', 'tool', 'call'), { minLength: 1, maxLength: 7 })
  .map((roles) =>
    roles.map((role, at): ChatMessage => {
      const content = `word${at}word`
      if (role !== 'call') return { role, content } as ChatMessage
      const call = { name: `look${at}look`, arguments: `{"at":"call${at}call"}` }
      return {
        role: 'assistant',
        content,
        tool_calls: [{ id: `c${at}`, type: 'function', function: call }],
      }
    }),
  )

describe.each(Object.entries(templates))('with %s', (_, template) => {
  test('any conversation becomes both prompts, and no text of it is lost', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const prompts = promptsIn(template, conversation)
        for (const text of [prompts.with, prompts.without]) {
          const said = [...text.matchAll(/word\d+word/g)].map(([word]) => word)
          expect(said.toSorted()).toEqual(conversation.map(({ content }) => content).toSorted())
          const turnsOnly = conversation.filter(({ role }) => role !== 'system').map(({ content }) => content)
          const calls = conversation.flatMap(({ tool_calls: made = [] }) =>
            made.map((call) => call.function.name),
          )
          for (const name of calls) expect(text).toContain(name)
          expect(said.filter((word) => turnsOnly.includes(word))).toEqual(turnsOnly)
        }
        expect(prompts.with).toContain(CANARY)
        expect(prompts.without).not.toContain(CANARY)
      }),
      { numRuns: 40 },
    )
  })

  test('both prompts end with the same words', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const prompts = promptsIn(template, [...conversation, { role: 'user', content: 'the last question' }])
        const ending = (text: string) => text.slice(text.lastIndexOf('the last question'))
        expect(ending(prompts.with)).toBe(ending(prompts.without))
      }),
      { numRuns: 20 },
    )
  })
})

test('a template that takes nothing is a refusal that names it', () => {
  expect(() => promptsIn("{{ raise_exception('never') }}", [{ role: 'user', content: 'a' }])).toThrow(
    expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('chat template') }),
  )
})
