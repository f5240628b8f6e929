import { describe, expect, test } from 'vitest'
import { privateForm } from '../../../src/evaluation/forms/private-form.ts'
import { publicConversation } from '../../../src/gateway/prompts/public-conversation.ts'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { sampleProfile } from '../../profiles/sample-profile.ts'

const tokenizer = {
  encode: (text: string) => tokenIds(text.split(' ').keys()),
  encodePrompt: (text: string) => tokenIds(text.split(' ').keys()),
  promptStart: [],
  encodeChat: (messages: readonly { readonly content: string }[]) =>
    tokenIds(messages.flatMap(({ content }) => content.split(' ')).keys()),
}
const conversation = publicConversation([{ role: 'user', content: 'Write about the honey of this summer.' }])

function messagesOf(name: string) {
  const window = { tokenizer, contextTokens: 2000, publicTokens: 8 }
  return privateForm(name).messages(conversation, sampleProfile(), window)
}
function answersOf(name: string) {
  return messagesOf(name)
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => content.slice(0, 9))
}

describe('a form of the private prompt', () => {
  test('prose puts everything into the system message', () => {
    const messages = messagesOf('prose:texts=1')
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(messages[0]?.content).toContain('forty jars')
    expect(messages[0]?.content).not.toContain('shuttle')
    expect(messages.at(-1)).toEqual(conversation.at(-1))
  })

  test('turns are so many texts, chosen and ordered as the name says', () => {
    expect(answersOf('turns:texts=0')).toEqual([])
    expect(answersOf('turns:texts=1')).toEqual(['The hives'])
    expect(answersOf('turns:texts=2,choice=longest')).toEqual(['The loom ', 'Thank you'])
    expect(answersOf('turns:texts=2,choice=file,order=best-last')).toEqual(['The loom ', 'The hives'])
    expect(answersOf('turns:texts=3,choice=variety,order=best-first')[0]).toBe('The hives')
    expect(messagesOf('turns:facts=off')[0]?.content).not.toContain('bees')
  })

  test.each(['verse', 'turns:texts=-1', 'turns:order=none', 'turns:colour=red'])('there is no %s', (name) => {
    expect(() => privateForm(name)).toThrow('There is no private form')
  })
})
