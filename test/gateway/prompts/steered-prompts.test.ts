import { expect, test } from 'vitest'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import { steeredPrompts } from '../../../src/gateway/prompts/steered-prompts.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { CANARY, sampleProfile } from '../../profiles/sample-profile.ts'
import { recordedSource } from '../../slm/text/recorded-tokenizers.ts'

const tokenizer = createTokenizer(recordedSource('smollm'))
const vocabulary = createVocabulary(recordedSource('smollm'))
const conversation = publicConversation([
  { role: 'user', content: 'Write to the guild.' },
  { role: 'assistant', content: 'Dear guild,' },
  { role: 'user', content: 'Longer.' },
])
const profile = sampleProfile({ facts: [CANARY] })

function textOf(tokens: readonly TokenId[]) {
  return Buffer.concat(tokens.map((token) => vocabulary.bytes(token))).toString()
}

test('both prompts end with the same turns, and one of them alone holds the profile', () => {
  const prompts = steeredPrompts(conversation, profile, { tokenizer, contextTokens: 4000 })
  expect(prompts.without).toEqual(tokenizer.encodeChat(conversation))
  const turns = textOf(prompts.without).split('You are a helpful assistant.')[1] as string
  expect(turns).toContain('Dear guild,')
  expect(textOf(prompts.with).endsWith(turns)).toBe(true)
  expect(textOf(prompts.with)).toContain(CANARY)
  expect(textOf(prompts.without)).not.toContain(CANARY)
})

test('the profile is shortened to what the window leaves, and refused where its facts do not fit', () => {
  const whole = steeredPrompts(conversation, profile, { tokenizer, contextTokens: 4000 }).with.length
  const fitted = (contextTokens: number) =>
    steeredPrompts(conversation, profile, { tokenizer, contextTokens, maxTokens: 16 })
  expect(fitted(whole).with.length).toBeLessThan(whole - 16)
  expect(() => fitted(60)).toThrow(expect.objectContaining({ code: 'context_length_exceeded' }))
})
