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
    ['a huge range under another name', '{% set r = range %}{{ r(1000000000) | length }}'],
    ['a huge range that a filter reaches', '{{ range(1000000000 | int) | length }}'],
    ['many ranges', '{% for i in range(9000) %}{% set x = range(9000) %}{% endfor %}'],
    [
      'loops without a body',
      '{% set a = range(9000) %}{% for i in a %}{% for j in a %}{% endfor %}{% endfor %}',
    ],
    [
      'many changes of a large text',
      "{% set ns = namespace(s='ab') %}{% for i in range(22) %}{% set ns.s = ns.s + ns.s %}{% endfor %}" +
        '{% for i in range(9000) %}{% set x = ns.s | upper | length %}{% endfor %}',
    ],
    [
      'lists that hold each other twice',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        '{{ ns.s | tojson | length }}',
    ],
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

  test('may show a long message', () => {
    const long = [{ role: 'user', content: 'a'.repeat(1_000_000) }]
    const shown = renderBounded(new Template('{{ messages[0].content | trim }}'), { messages: long })
    expect(shown).toHaveLength(1_000_000)
  })

  test('may go through a long conversation', () => {
    const many = Array.from({ length: 2048 }, () => ({ role: 'user', content: 'a' }))
    const each =
      "{% for m in messages %}{% if m['role'] == 'user' %}[{{ m['content'] | trim }}]{% endif %}{% endfor %}"
    expect(renderBounded(new Template(each), { messages: many })).toBe('[a]'.repeat(2048))
  })
})
