import { Template } from '@huggingface/jinja'
import { describe, expect, test } from 'vitest'
import { renderBounded } from '../../../src/slm/text/bounded-rendering.ts'

const messages = [{ role: 'user', content: 'a' }]
function rendered(template: string) {
  return renderBounded(new Template(template), { messages })
}

describe('a template', () => {
  test.each([
    ['a long loop', '{% for i in range(9000) %}{% for j in range(9000) %}x{% endfor %}{% endfor %}'],
    ['a huge range', '{{ range(1000000000) | length }}'],
    ['a huge range that is computed', '{% set n = 1000000 * 1000000 %}{{ range(n) | length }}'],
    ['a range far below nothing', '{{ range(-1000000000, 0) | length }}'],
    [
      'a text that doubles',
      "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
    ],
    [
      'a list that doubles',
      '{% set ns = namespace(s=[1, 2]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s | length }}',
    ],
  ])('with %s is ended', (_, template) => {
    expect(() => rendered(template)).toThrow(expect.objectContaining({ name: 'TemplateExhausted' }))
  })

  test('that calls itself without end is ended', () => {
    expect(() => rendered('{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}')).toThrow()
  })

  test('that was ended leaves nothing behind for the next one', () => {
    expect(() => rendered('{{ range(1000000000) | length }}')).toThrow()
    expect(rendered('{% for i in range(3) %}{{ i }}{% endfor %}{{ messages[0].content }}')).toBe('012a')
  })

  test('may go through a long conversation', () => {
    const many = Array.from({ length: 2048 }, () => ({ role: 'user', content: 'a' }))
    const each =
      "{% for m in messages %}{% if m['role'] == 'user' %}[{{ m['content'] | trim }}]{% endif %}{% endfor %}"
    expect(renderBounded(new Template(each), { messages: many })).toBe('[a]'.repeat(2048))
  })
})
