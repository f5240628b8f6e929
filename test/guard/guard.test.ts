import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeGuard } from '../../src/guard/make-guard.ts'
import { isTellable, type PrivateValue, privateKinds } from '../../src/guard/private-value.ts'
import { stands } from './stands.ts'

const noor: PrivateValue = {
  kind: 'person',
  value: 'Noor Lindqvist',
  forms: ['Noor', 'Lindqvist', 'N. Lindqvist'],
}
const phone: PrivateValue = { kind: 'phone', value: '+44 20 7946 0958', forms: [] }
const city: PrivateValue = { kind: 'place', value: 'Uppsala', forms: [] }
const secret = new Uint8Array(32).fill(7)

function guardOf(values: readonly PrivateValue[], texts: readonly string[] = [], conversation = 'a') {
  return makeGuard({ values, texts, secret, conversation })
}

describe('a guard', () => {
  const guard = guardOf([noor, phone, city])

  test('puts aliases in place of private values, and values in place of aliases', () => {
    const text = "I'm Noor Lindqvist from Uppsala (+44 20 7946 0958). NOOR's mother is N. Lindqvist."
    const masked = guard.mask(text)
    expect(masked).not.toMatch(/noor|lindqvist|uppsala|7946/i)
    expect(masked).toMatch(
      /^I'm \p{L}+ \p{L}+ from \p{L}+ \(\+\d\d \d\d \d{4} \d{4}\)\. \p{Lu}+'s mother is \p{Lu}\. \p{L}+\.$/u,
    )
    expect(guard.restore(masked)).toBe(text)
  })

  test('has the same word for the same word in all forms of a value', () => {
    const [whole, first, last, short] = guard.forms.map(({ alias }) => alias)
    expect(whole).toBe(`${first} ${last}`)
    expect(short).toBe(`${first?.[0]}. ${last}`)
  })

  test('has as short an abbreviation for an abbreviation', () => {
    const [town] = guardOf([{ kind: 'place', value: 'Chicago, IL', forms: [] }]).forms
    expect(town?.alias).toMatch(/^\p{Lu}\p{Ll}+, \p{Lu}{2}$/u)
  })

  test('keeps its aliases in all turns of a conversation, and has others in another', () => {
    const aliases = (conversation: string) => guardOf([noor, phone], [], conversation).forms
    expect(aliases('a')).toEqual(aliases('a'))
    expect(aliases('a')).not.toEqual(aliases('b'))
  })

  test('takes no alias that stands in the conversation', () => {
    const first = guardOf([noor]).forms
    const text = `I know ${first[1]?.alias} well.`
    const second = guardOf([noor], [text])
    expect(second.mask(text)).toBe(text)
    expect(second.restore(text)).toBe(text)
  })

  test('restores aliases that come in pieces, and holds back nothing but what may become one', () => {
    const alias = guard.forms[0]?.alias ?? ''
    const stream = guard.restored()
    const told = [...`Dear ${alias}, hello`].map((character) => stream.push(character))
    expect(told.join('') + stream.flush()).toBe('Dear Noor Lindqvist, hello')
    expect(told.slice(0, 5).join('')).toBe('Dear ')
    expect(told.slice(0, 5 + alias.length + 1).join('')).toBe('Dear Noor Lindqvist,')
  })

  test.each([
    'Noor\nLindqvist',
    'NOOR-LINDQVIST',
    'noor_lindqvist@moss.example',
    'https://moss.example/?q=Noor%20Lindqvist',
    'NoorLindqvist.',
    '"Noor\\nLindqvist"',
  ])('keeps what stands between the words of a value, both ways: %j', (text) => {
    const masked = guard.mask(text)
    expect(masked).not.toMatch(/noor|lindqvist/i)
    expect(masked.replace(/\p{L}+/gu, 'x')).toBe(text.replace(/NoorLindqvist/, 'x').replace(/\p{L}+/gu, 'x'))
    expect(guard.restore(masked)).toBe(text)
  })

  test('leaves words that have the letters of an alias, and are other words', () => {
    const alias = guard.forms[1]?.alias ?? ''
    for (let at = 1; at < alias.length; at++) {
      const [first, second] = [alias.slice(0, at), alias.slice(at)]
      const texts = [
        `so ${first} ${second} it is`,
        `x${first} ${second}x`,
        `${first}-${second}`,
        `${first}, ${second}`,
      ]
      for (const text of texts) {
        const inJson = guard.restoredJson()
        expect(guard.restore(text)).toBe(text)
        expect(inJson.push(text) + inJson.flush()).toBe(text)
      }
    }
  })

  test.each([
    '<b>Noor</b> <i class="x">Lindqvist</i>',
    '[Noor](https://moss.example) **Lindqvist**',
    'Noor&#32;Lindqvist',
    '#NoorLindqvistFans',
    'NOOR LINDQVIST',
  ])('restores an alias that is written as %j', (text) => {
    expect(guard.restore(guard.mask(text))).toBe(text)
  })

  test('restores an alias letter by letter, and a number in other groups', () => {
    const [name, number] = [guard.forms[1]?.alias ?? '', guard.mask('+44 20 7946 0958')]
    expect(guard.restore([...name].join('-'))).toBe('Noor')
    expect(guard.restore(number.replaceAll(' ', ''))).toBe('+442079460958')
    expect(guard.restore(number.replace(/ (\d{4})$/, '$1'))).toBe('+44 20 7946 0958')
  })

  test('restores what is found inside words there', () => {
    const words = guardOf([
      { kind: 'person', value: 'Lindqvist', forms: [] },
      { kind: 'place', value: 'Uppsala', forms: [] },
      { kind: 'other', value: 'mosses', forms: [] },
    ])
    const text = 'Lindqvistin und Uppsalas, getLindqvistFor(mosseslike)'
    expect(words.mask(text)).not.toMatch(/lindqvist|uppsala|mosses/i)
    expect(words.restore(words.mask(text))).toBe(text)
  })

  test.each<PrivateValue>([
    { kind: 'person', value: 'Minji Park', forms: ['Minji', 'Park'] },
    { kind: 'person', value: 'Van Church', forms: ['Van', 'Church'] },
    { kind: 'place', value: 'Park Street', forms: ['Park'] },
    { kind: 'organisation', value: 'Church Bank', forms: ['Church', 'Bank'] },
  ])('has aliases for names of words that say what things are: $value', (value) => {
    const text = `${value.value} or ${value.forms.join(', ')}`
    const masked = guardOf([value]).mask(text)
    for (const form of value.forms) expect(masked).not.toContain(form)
    expect(guardOf([value]).restore(masked)).toBe(text)
  })

  test('keeps no word of a value that is another value', () => {
    const both = guardOf([
      { kind: 'person', value: 'Ada Church', forms: ['Church'] },
      { kind: 'organisation', value: 'Oakwood Church Council', forms: [] },
    ])
    expect(both.mask('Church of the Oakwood Church Council')).not.toContain('Church')
  })

  test('keeps the s of several, also behind digits and letters that are written as two', () => {
    const odd = guardOf([
      { kind: 'number', value: '7946', forms: [] },
      { kind: 'person', value: 'Jörn', forms: [] },
      { kind: 'person', value: 'Weiß', forms: [] },
    ])
    for (const text of ['two 7946s', 'both Jörns', 'the Weißs', "Weiß's 7946"])
      expect(odd.restore(odd.mask(text))).toBe(text)
    expect(odd.restore(odd.mask('both Joerns'))).toBe('both Jörns')
  })

  test('takes no sharp s for the s of a plural', () => {
    const weiss = guardOf([{ kind: 'person', value: 'Weiß', forms: [] }])
    expect(weiss.restore(weiss.mask('Mr Weiss'))).toBe('Mr Weiß')
  })

  test('takes the longest of values that contain each other', () => {
    const both = guardOf([
      { kind: 'place', value: 'York', forms: [] },
      { kind: 'place', value: 'New York', forms: [] },
    ])
    const masked = both.mask('From New York to York')
    expect(masked).not.toMatch(/york/i)
    expect(both.restore(masked)).toBe('From New York to York')
  })

  test('keeps apart values that overlap', () => {
    const both = guardOf([
      { kind: 'person', value: 'Ada Maria', forms: [] },
      { kind: 'person', value: 'Maria Lopez', forms: [] },
    ])
    for (const text of ['Ada Maria Lopez', 'Maria Lopez, Ada Maria', 'Ada, Maria Lopez']) {
      const masked = both.mask(text)
      expect(masked).not.toMatch(/ada maria|maria lopez/i)
      // What stands inside a form is not told
      expect(both.restore(masked).replaceAll(',', '')).toBe(text.replaceAll(',', ''))
    }
  })

  test('leaves out values that are too short to be told apart', () => {
    expect(guardOf([{ kind: 'number', value: '12', forms: [] }]).mask('12 eggs')).toBe('12 eggs')
  })
})

const letters = fc.stringMatching(/^[A-Za-zéØшλ]{1,7}$/)
const text = fc.oneof(
  letters,
  fc.stringMatching(/^\d{4,9}$/),
  fc.tuple(letters, letters).map((two) => two.join(' ')),
)
const values: fc.Arbitrary<PrivateValue> = fc.record({
  kind: fc.constantFrom(...privateKinds),
  value: text.filter(isTellable),
  forms: fc.array(text.filter(isTellable), { maxLength: 2 }),
})

describe('whatever the values and texts', () => {
  test('no declared form is left in a masked text', () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 4 }),
        fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), text), { maxLength: 6 }),
        fc.array(fc.nat(20), { maxLength: 6 }),
        (declared, rest, picks) => {
          const forms = declared.flatMap(({ value, forms: others }) => [value, ...others])
          const parts = picks.flatMap((pick, index) => [forms[pick % forms.length] ?? '', rest[index] ?? ' '])
          const body = [...parts, ...rest].join(' ')
          const masked = guardOf(declared, [body]).mask(body)
          for (const form of forms) expect(stands(form, masked)).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a text is restored in pieces as it is in one', () => {
    const parts = fc.constantFrom('<b>', '</b>', '&amp;', '%20', '\\n', '](', ')', ' ', 'x', '"', 'é')
    fc.assert(
      fc.property(fc.array(fc.tuple(parts, fc.nat(12)), { maxLength: 12 }), (drawn) => {
        const guard = guardOf([noor, city])
        const words = guard.forms.flatMap(({ alias }) => [alias, ...alias])
        const body = drawn.map(([part, pick]) => `${words[pick % words.length]}${part}`).join('')
        const stream = guard.restored()
        const told = [...body].map((character) => stream.push(character)).join('')
        expect(told + stream.flush()).toBe(guard.restore(body))
      }),
    )
  })

  test('a long text is restored as it is in one go', () => {
    const parts = fc.constantFrom('<b>', '</b>', '&amp;', '%20', '](', ' ', 'x', 'é', '😀', '-'.repeat(90))
    fc.assert(
      fc.property(fc.array(fc.tuple(parts, fc.nat(12)), { minLength: 60, maxLength: 90 }), (drawn) => {
        const guard = guardOf([noor, city])
        const words = guard.forms.flatMap(({ alias }) => [alias, ...alias])
        const body = drawn.map(([part, pick]) => `${words[pick % words.length]}${part}`).join('')
        const stream = guard.restored()
        expect(guard.restore(body)).toBe(stream.push(body) + stream.flush())
      }),
    )
  })

  test('a value is masked wherever it stands in a long text', () => {
    const guard = guardOf([noor])
    const alias = guard.mask(noor.value)
    for (let before = 0; before < 600; before++) {
      const [front, rear] = ['x'.repeat(before), 'y'.repeat(600 - before)]
      expect(guard.mask(`${front} ${noor.value} ${rear}`)).toBe(`${front} ${alias} ${rear}`)
    }
  })

  test('aliases of many values stand in no text and in none of each other', () => {
    const many = Array.from({ length: 60 }, (_, at) => ({
      kind: 'email' as const,
      value: `${'abc'[at % 3]}${at}@b.org`,
      forms: [],
    }))
    const names = guardOf([noor, city]).forms.map(({ alias }) => alias)
    const first = guardOf(many, names).forms.map(({ alias }) => alias)
    const second = guardOf(many, [...names, ...first]).forms.map(({ alias }) => alias)
    for (const alias of second) {
      for (const other of [...names, ...first]) expect(stands(alias, other)).toBe(false)
    }
    const masked = second.join(' ')
    expect(guardOf(many, [...names, ...first]).restore(masked)).toBe(many.map(({ value }) => value).join(' '))
  })

  test('a text without private values and aliases stays as it is', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 3 }), fc.string({ unit: 'grapheme' }), (declared, body) => {
        const guard = guardOf(declared, [body])
        fc.pre(!guard.holdsPrivate(body))
        expect(guard.mask(body)).toBe(body)
        expect(guard.restore(body)).toBe(body)
      }),
    )
  })
})
