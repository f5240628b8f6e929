import { describe, expect, test } from 'vitest'
import { createChatTemplate, templateEndToken } from '../../../src/slm/text/chat-template.ts'
import { recordedSource } from './recorded-tokenizers.ts'

const options = { now: new Date(2026, 2, 5, 7, 8, 9), addGenerationPrompt: true }
function templated(chatTemplate: string | null) {
  return { ...recordedSource('qwen2'), chatTemplate }
}
const NO_SYSTEM =
  "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" +
  "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"

describe('chat template', () => {
  test('shows the date it is given', () => {
    const template = createChatTemplate(templated("{{ strftime_now('%d %B %b %Y %H:%M:%S %A %% %-d %q') }}"))
    expect(template([], options)).toBe('05 March Mar 2026 07:08:09 Thursday % 5 %q')
  })

  test('moves the system message into the first user message where the template refuses it', () => {
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'U' },
    ] as const
    expect(createChatTemplate(templated(NO_SYSTEM))(messages, options)).toBe('[user]S\n\nU')
  })

  test('refuses what the template refuses without repeating its words', () => {
    const template = createChatTemplate(templated("{{ raise_exception('not ' + messages[0]['content']) }}"))
    const render = () => template([{ role: 'user', content: 'secret' }], options)
    expect(render).toThrow(expect.objectContaining({ code: 'invalid_request', cause: undefined }))
    expect(render).not.toThrow('secret')
  })

  test.each([
    ['refuses', "{{ raise_exception('secret') }}", 'refuses this sequence of roles'],
    ['lacks a value', '{{ nothing.at_all + secret }}', 'fails with these messages'],
    ['uses what is not supported', '{{ messages | secret_filter }}', 'fails with these messages'],
    [
      'never ends',
      '{% for i in range(9000) %}{% for j in range(9000) %}x{% endfor %}{% endfor %}',
      'to an end',
    ],
  ])('that %s says so, and what to do', (_, text, said) => {
    const render = () => createChatTemplate(templated(text))([{ role: 'user', content: 'secret' }], options)
    expect(render).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(said) }),
    )
    expect(render).not.toThrow('secret')
  })

  test.each([
    ['no template', null],
    ['broken Jinja', '{% for %}'],
  ])('refuses a model with %s', (_, text) => {
    expect(() => createChatTemplate(templated(text))).toThrow(
      expect.objectContaining({ code: 'model_file_invalid' }),
    )
  })

  test.each(['', '{"at":', 'north'])('takes a call whose arguments are no JSON: %j', (json) => {
    const template = createChatTemplate(
      templated('{% for m in messages %}{{ m.tool_calls[0].function.arguments }}{% endfor %}'),
    )
    const call = { id: 'c', type: 'function', function: { name: 'look', arguments: json } } as const
    expect(template([{ role: 'assistant', content: '', tool_calls: [call] }], options)).toBe(json)
  })

  test('finds the token that ends an assistant message', () => {
    expect(templateEndToken(recordedSource('qwen2'))).toBe('<|im_end|>')
    expect(templateEndToken(templated('{% for m in messages %}{{ m.content }}\n{% endfor %}'))).toBeNull()
  })
})
