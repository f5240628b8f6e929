import { describe, expect, test } from 'vitest'
import { checkTokenCount } from '../../../src/gateway/prompts/check-token-count.ts'
import type { ChatMessage, ChatTool } from '../../../src/steer/chat-prompt.ts'
import { recordedText } from '../../models/recorded-text.ts'

const { background, tokenizer } = recordedText('qwen2')
const { signal } = new AbortController()
const blanks = ' '.repeat(70_000)
const words = 'words '.repeat(20_000)

function checked(
  messages: readonly ChatMessage[],
  contextTokens: number,
  tools: readonly ChatTool[] = [],
): Promise<void> {
  return checkTokenCount({ messages, tools }, { limits: { contextTokens }, background, signal })
}

function user(content: string): ChatMessage {
  return { role: 'user', content }
}

const tooLong = { code: 'context_length_exceeded', param: 'messages' }

describe('the tokens of large conversations', () => {
  test('are refused where the texts alone fill the window', async () => {
    const count = tokenizer.encode(words.trim()).length
    await expect(checked([user(words)], count - 2)).rejects.toMatchObject(tooLong)
    await expect(checked([user(`x${blanks}x`)], 5)).rejects.toMatchObject(tooLong)
  })

  test('pass where the texts might fit', async () => {
    const count = tokenizer.encode(words.trim()).length
    await expect(checked([user(words)], count)).resolves.toBeUndefined()
    const messages = Array.from({ length: 100 }, () => user('words '.repeat(200)))
    const { length } = tokenizer.encodeChat(messages)
    await expect(checked(messages, length)).resolves.toBeUndefined()
  })

  test('are not counted where the conversation is short', async () => {
    await expect(checked([user('words '.repeat(100))], 5)).resolves.toBeUndefined()
  })

  test('leave out what a template may drop: white space around a message, and earlier thoughts', async () => {
    const count = tokenizer.encode(blanks).length
    await expect(checked([user(`${blanks}x`)], count)).resolves.toBeUndefined()
    const thinking: ChatMessage = { role: 'assistant', content: `<think>${words}</think>Yes.` }
    await expect(checked([user('Really?'), thinking, user('Why?')], 50)).resolves.toBeUndefined()
    await expect(checked([user(`<think>${words}</think>Yes.`)], 50)).rejects.toMatchObject(tooLong)
  })

  test.each([
    ['blanks', ' '],
    ['line breaks', '\n'],
    ['both in turn', ' \n'],
    ['spaces of other scripts', '\u3000'],
  ])('count %s around a message where they would fill several windows', async (_, space) => {
    const text = `x${space.repeat(200_000)}`
    const windows = tokenizer.encode(text).length / 2
    await expect(checked([user(text)], Math.floor(windows) - 2)).rejects.toMatchObject(tooLong)
    await expect(checked([user(text)], Math.ceil(windows))).resolves.toBeUndefined()
  })

  test.each([
    ['descriptions', { description: words }],
    ['parameters', { parameters: { type: 'object', enum: words.trim().split(' ') } }],
  ])('count the %s of tools, where they would fill several windows', async (_, more) => {
    const tool: ChatTool = { type: 'function', function: { name: 'weather', ...more } }
    const windows = tokenizer.encode(JSON.stringify(tool.function)).length / 2
    const refusal = { ...tooLong, message: expect.stringContaining('messages and tools') }
    await expect(checked([user('Hi')], Math.floor(windows) - 2, [tool])).rejects.toMatchObject(refusal)
    await expect(checked([user('Hi')], Math.ceil(windows) + 1, [tool])).resolves.toBeUndefined()
  })

  test('count the arguments of earlier calls in the same way', async () => {
    const called = { name: 'note', arguments: JSON.stringify({ text: words }) }
    const calling: ChatMessage = {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'call_1', type: 'function', function: called }],
    }
    const windows = tokenizer.encode(called.arguments).length / 2
    await expect(checked([user('Hi'), calling], Math.floor(windows) - 3)).rejects.toMatchObject(tooLong)
    await expect(checked([user('Hi'), calling], Math.ceil(windows) + 1)).resolves.toBeUndefined()
  })
})
