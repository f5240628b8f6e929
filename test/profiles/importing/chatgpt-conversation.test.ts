import { expect, test } from 'vitest'
import { chatGptConversation, chatGptRating } from '../../../src/profiles/importing/chatgpt-conversation.ts'
import { chatGptExport } from './import-samples.ts'

function ownTexts(conversation: object) {
  return (chatGptConversation(conversation, '') ?? []).flatMap((finding) =>
    finding.type === 'text' ? finding.found.text : [],
  )
}

test('takes the branch that was last shown', () => {
  const conversation = chatGptExport(
    [
      { role: 'user', text: 'first try', id: 'a', parent: 'root' },
      { role: 'user', text: 'second try', id: 'b', parent: 'root' },
      { role: 'assistant', text: 'answer', id: 'c', parent: 'b' },
    ],
    { current: 'c' },
  )
  expect(ownTexts(conversation)).toEqual(['second try'])
})

test('takes everything where no branch is named', () => {
  const { current_node: _, ...conversation } = chatGptExport([{ role: 'user', text: 'only' }])
  expect(ownTexts(conversation)).toEqual(['only'])
})

test('leaves out code, hidden messages and pictures', () => {
  const conversation = chatGptExport([
    { role: 'user', text: 'Why does it fail?\n```py\nprint(1)\n```\nIt worked before.' },
    { role: 'user', text: 'hidden', id: 'h' },
    { role: 'system', text: 'instructions' },
  ])
  const hidden = conversation.mapping as unknown as Record<string, { message: { metadata: object } | null }>
  if (hidden.h?.message != null) hidden.h.message.metadata = { is_visually_hidden_from_conversation: true }
  const picture = { content_type: 'multimodal_text', parts: [{ asset_pointer: 'file' }, 'What is this?'] }
  const withPicture = chatGptExport([{ role: 'user', text: '' }])
  const messages = withPicture.mapping as unknown as Record<string, { message: object } | undefined>
  Object.assign(messages.m0?.message ?? {}, { content: picture })
  expect(ownTexts(conversation)).toEqual(['Why does it fail?\n\nIt worked before.'])
  expect(ownTexts(withPicture)).toEqual(['What is this?'])
})

test('survives a circle of parents, and knows what is none of its own', () => {
  const circle = chatGptExport([
    { role: 'user', text: 'one', id: 'a', parent: 'b' },
    { role: 'assistant', text: 'two', id: 'b', parent: 'a' },
  ])
  expect(ownTexts(circle)).toEqual(['one'])
  expect(chatGptConversation({ chat_messages: [] }, '')).toBeNull()
  expect(chatGptRating({ title: 'x' })).toBeNull()
})
