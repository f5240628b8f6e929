import { describe, expect, test } from 'vitest'
import { contentOfEvents, hasContent, isBlank } from '../../../src/upstream/http/reply-content.ts'

function chunk(delta: object, finish: string | null = null) {
  return {
    object: 'chat.completion.chunk',
    model: 'up',
    choices: [{ index: 0, delta, finish_reason: finish }],
  }
}

describe('an event of a stream holds content', () => {
  test.each([
    ['text of a chat', chunk({ content: 'Hi' })],
    ['a blank', chunk({ content: ' ' })],
    ['reasoning', chunk({ content: null, reasoning_content: 'Hm' })],
    ['a tool call', chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] })],
    ['an end', chunk({}, 'stop')],
    ['text of a completion', { choices: [{ index: 0, text: 'Hi', finish_reason: null }] }],
    ['part of a character', { choices: [{ text: '', logprobs: { tokens: ['bytes:\\xe2'] } }] }],
    ['a token of llama.cpp', { content: '', tokens: [7], stop: false }],
    ['the end of llama.cpp', { content: '', tokens: [], stop: true }],
    ['a delta of a response', { type: 'response.output_text.delta', delta: 'Hi' }],
    ['a failed response', { type: 'response.failed', response: {} }],
    ['a delta of Anthropic', { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } }],
    ['an error', { error: { message: 'no' } }],
    ['what nobody knows', { wild: 1 }],
    ['text that is no JSON', '[DONE]'],
  ])('in %s', (_, event) => expect(hasContent(event)).toBe(true))

  test.each([
    ['who speaks', chunk({ role: 'assistant' })],
    ['who speaks, with an empty text', chunk({ role: 'assistant', content: '', tool_calls: [] })],
    ['who speaks, with null', chunk({ role: 'assistant', content: null, refusal: null })],
    ['no choices', { choices: [], prompt_filter_results: [{}], usage: null }],
    ['an empty completion', { choices: [{ index: 0, text: '', logprobs: null, finish_reason: null }] }],
    ['progress of llama.cpp', { content: '', tokens: [], stop: false, prompt_progress: { total: 9 } }],
    ['a created response', { type: 'response.created', response: { id: 'r' } }],
    ['a response in progress', { type: 'response.in_progress', response: { id: 'r' } }],
    ['a begun item', { type: 'response.output_item.added', item: { type: 'message' } }],
    ['the start of Anthropic', { type: 'message_start', message: { role: 'assistant' } }],
    ['a ping', { type: 'ping' }],
    ['nothing', {}],
    ['null', null],
  ])('but not in %s', (_, event) => expect(hasContent(event)).toBe(false))
})

test('content is found wherever the bytes of a stream are cut, and never in comments', () => {
  const beginning = ': reading\r\n\r\n\n: reading\ndata:\n\nevent: ping\ndata: {"type":"ping"}\n\n'
  const content = `data: ${JSON.stringify(chunk({ content: 'Grüße' }))}\n\n`
  const bytes = new TextEncoder().encode(beginning + content)
  for (let cut = 0; cut < bytes.length; cut++) {
    const holdsContent = contentOfEvents()
    expect(holdsContent(bytes.subarray(0, cut))).toBe(false)
    expect(holdsContent(bytes.subarray(cut))).toBe(true)
  }
})

test('blanks of a reply in one piece are no content', () => {
  expect(isBlank(new TextEncoder().encode(' \r\n\t'))).toBe(true)
  expect(isBlank(new TextEncoder().encode(' {'))).toBe(false)
})
