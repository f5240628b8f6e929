import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormMatcher, goesOnWithWord } from '../../../src/guard/matching/form-matcher.ts'

const forms = [
  'Noor Lindqvist',
  'Noor',
  'Straße',
  '+44 20 7946 0958',
  'Łukasz',
  "O'Dea",
  'Jörn',
  '李明',
  '민수',
  '𠮷野',
]
const matcher = new FormMatcher(forms)
/** What was found, as it stands in the text. */
function written(text: string): string[] {
  return matcher.find(text).map(({ start, end }) => text.slice(start, end))
}

describe('a private form is found', () => {
  test.each([
    ['in any case', 'ask NOOR lindqvist', 'NOOR lindqvist'],
    ['over line breaks', 'Noor\r\n  Lindqvist', 'Noor\r\n  Lindqvist'],
    ['hyphenated at the end of a line', 'Noor Lind-\nqvist', 'Noor Lind-\nqvist'],
    ['in bold', '**Noor** Lindqvist', 'Noor** Lindqvist'],
    ['in tags', '<b>Noor</b> <i class="x">Lindqvist</i>', 'Noor</b> <i class="x">Lindqvist'],
    [
      'with zero-width characters inside',
      'No\u200bor\u00ad Lind\u2060qvist',
      'No\u200bor\u00ad Lind\u2060qvist',
    ],
    ['with an emoji inside', 'No🐢or 🐢 Lindqvist', 'No🐢or 🐢 Lindqvist'],
    ['letter by letter', 'N-o-o-r L.i.n.d.q.v.i.s.t', 'N-o-o-r L.i.n.d.q.v.i.s.t'],
    ['with characters of HTML inside', 'Noor&nbsp;Lind&shy;qvist', 'Noor&nbsp;Lind&shy;qvist'],
    ['with an apostrophe as HTML writes it', "Mrs O&#39;Dea's", 'O&#39;Dea'],
    ['behind a tag with a question in its address', '<a href="?a=1&b;2">Noor</a>', 'Noor'],
    ['with letters as HTML writes them', 'J&ouml;rn', 'J&ouml;rn'],
    ['with letters as HTML counts them', 'Lind&#113;vist of N&#x6F;or', 'N&#x6F;or'],
    ['that begins with one of those', '&#78;oor', '&#78;oor'],
    ['as JSON writes it', 'named \\u0141ukasz', '\\u0141ukasz'],
    ['of characters that JSON writes in two', '"\\ud842\\udfb7\\u91ce"', '\\ud842\\udfb7\\u91ce'],
    ['with an emoji inside, as JSON writes it', 'No\\ud83d\\udc22or', 'No\\ud83d\\udc22or'],
    ['behind the escape of a line', 'Name:\\nNoor', 'Noor'],
    ['over such an escape', 'Noor\\nLindqvist', 'Noor\\nLindqvist'],
    ['as addresses write it', '?q=J%C3%B6rn', 'J%C3%B6rn'],
    ['in the escapes of an address', 'Noor%20Lind%71vist', 'Noor%20Lind%71vist'],
    ['behind a space of an address', 'hello%20Noor%20there', 'Noor'],
    ['in an address inside an address', '?u=%3Fq%3DNoor%2520Lindqvist', 'Noor%2520Lindqvist'],
    ['with letters of an address inside an address', '?q=J%25C3%25B6rn', 'J%25C3%25B6rn'],
    ['in an address of who writes a character as one byte', '?q=J%F6rn%20', 'J%F6rn'],
    ['in JSON inside JSON', '{\\"a\\":\\"J\\\\u00f6rn\\"}', 'J\\\\u00f6rn'],
    ['with a letter that begins so', '\\\\u0141ukasz', '\\\\u0141ukasz'],
    ['in HTML inside an address', '?q=J%26ouml%3Brn', 'J%26ouml%3Brn'],
    ['in HTML inside HTML', 'J&amp;ouml;rn No&lt;b&gt;or', 'No&lt;b&gt;or'],
    ['in HTML inside JSON', 'J\\u0026ouml;rn', 'J\\u0026ouml;rn'],
    ['as mail writes it', 'J=C3=B6rn=20', 'J=C3=B6rn'],
    ['over a line that mail breaks', 'Noor Lind=\r\nqvist', 'Noor Lind=\r\nqvist'],
    ['as git writes the names of files', '"J\\303\\266rn.txt"', 'J\\303\\266rn'],
    ['as Python writes bytes', "b'J\\xc3\\xb6rn'", 'J\\xc3\\xb6rn'],
    ['in the colours of a terminal', '\x1b[1;31mNo\x1b[0mor\x1b[0m', 'No\x1b[0mor'],
    ['in a link', '[No](https://moss.example/page)or', 'No](https://moss.example/page)or'],
    ['with a capital sharp s', 'STRAẞE', 'STRAẞE'],
    ['with letters inside that show nothing', 'No\u3164or Lind\u115fqvist', 'No\u3164or Lind\u115fqvist'],
    ['in small capitals', 'ɴᴏᴏʀ ʟɪɴᴅǫᴠɪꜱᴛ'.replace('ǫ', 'q'), 'ɴᴏᴏʀ ʟɪɴᴅqᴠɪꜱᴛ'],
    ['in bold letters of mathematics', '𝐍𝐨𝐨𝐫 𝐋𝐢𝐧𝐝𝐪𝐯𝐢𝐬𝐭', '𝐍𝐨𝐨𝐫 𝐋𝐢𝐧𝐝𝐪𝐯𝐢𝐬𝐭'],
    ['in letters in circles and squares', 'Ⓝⓞⓞⓡ 🅻🅸🅽🅳🆀🆅🅸🆂🆃', 'Ⓝⓞⓞⓡ 🅻🅸🅽🅳🆀🆅🅸🆂🆃'],
    ['before a flag', 'Noor🇸🇪', 'Noor'],
    ['one letter a line', 'N\no\no\nr', 'N\no\no\nr'],
    ['joined by an underscore', 'noor_lindqvist@moss.example', 'noor_lindqvist'],
    ['with an umlaut that is written as two letters', 'JOERN', 'JOERN'],
    ['with an umlaut that is left out', 'Jorn', 'Jorn'],
    ['between words of a script without spaces', '我叫李明。', '李明'],
    ['with what a script puts right behind it', '민수가', '민수'],
    ['in Cyrillic and Greek look-alikes', 'Nооr Lіndqνist'.replace('ν', 'v'), 'Nооr Lіndqvist'],
    ['in full width', 'Ｎｏｏｒ Ｌｉｎｄｑｖｉｓｔ', 'Ｎｏｏｒ Ｌｉｎｄｑｖｉｓｔ'],
    ['with accents in either normal form', 'Nóor Lindqvi\u0301st', 'Nóor Lindqvi\u0301st'],
    ['without its own accents', 'an der strasse', 'strasse'],
    ['with a stroke that has no accent of its own', 'LUKASZ!', 'LUKASZ'],
    ['inside a longer word when it is long', '#NoorLindqvistFans', 'NoorLindqvist'],
    ['inflected when it is long', 'Noor Lindqvistin', 'Noor Lindqvist'],
    ['with a possessive, which is not part of it', "Noor's", 'Noor'],
    ['as several of its kind', 'two Noors', 'Noors'],
    ['in another grouping of digits', '(0044)44-207946-0958', '44-207946-0958'],
    ['in the digits of another script', '+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨', '٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨'],
  ])('%s', (_, text, found) => {
    expect(written(text)).toContain(found)
  })

  test('in pieces of any size as in one', () => {
    const alphabet = fc.constantFrom(
      'n',
      'o',
      'r',
      'N',
      ' ',
      '-',
      'noor',
      'lindqvist',
      '<b>',
      'é',
      '🐢',
      '9',
      '&ouml;',
      '%6f',
      '\\n',
      '](',
    )
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 20 }), fc.array(fc.nat(5)), (parts, sizes) => {
        const text = parts.join('')
        const characters = [...text]
        let state = matcher.start
        const found = []
        for (let at = 0, index = 0; at < characters.length; index++) {
          const size = 1 + (sizes[index] ?? 0)
          const read = matcher.read(state, characters.slice(at, at + size).join(''))
          state = read.state
          found.push(...read.found)
          at += size
        }
        expect([...found, ...matcher.atEnd(state)]).toEqual(matcher.find(text))
      }),
    )
  })

  test('wherever it stands as a word of its own, whatever surrounds it', () => {
    const surroundings = fc.string({ unit: 'grapheme', maxLength: 20 })
    fc.assert(
      fc.property(surroundings, fc.constantFrom(...forms), surroundings, (before, form, behind) => {
        expect(written(`${before} ${form} ${behind}`).length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('no form is found', () => {
  test.each([
    ['of few letters, inside a longer word', 'Noorderlicht'],
    ['of few letters, at the end of one', 'Elnoor'],
    ['in a part of one', 'Lindqvist Noo'],
    ['of few letters, with an ending but s', 'Noorin'],
    ['where digits stand for letters, or between them', 'N00r 1N2o3o4r'],
    ['around an ordinary bracket', 'No] and then some (more) or'],
    ['where other letters stand between', 'Noor and Lindq vist'.replace('Noor', 'Nor')],
  ])('%s', (_, text) => {
    expect(written(text)).toEqual([])
  })

  test('in no text at all', () => {
    expect(new FormMatcher([]).find('Noor')).toEqual([])
    expect(matcher.find('')).toEqual([])
  })
})

describe('the work for a character does not grow with the text', () => {
  const digits = new FormMatcher(['Noor', '3838383838383838', 'amp amp amp amp'])
  const open = (text: string) => {
    const { open: matches, escapes } = digits.read(digits.start, text).state
    return matches.length + escapes.length
  }

  test.each([
    '<>',
    '<a>',
    '](b)',
    '&#38;',
    '%26',
    '&amp;',
    '&amp;amp;',
    '\\',
    '%25',
    '%C3',
    '%F0%9F',
    '\\u0026',
  ])('with as many %j behind a letter as there may be', (part) => {
    expect(open(`N${part.repeat(400)}`)).toBeLessThanOrEqual(open(`N${part.repeat(40)}`) + 2)
  })

  test('whatever escapes follow each other', () => {
    const parts = fc.constantFrom(...'%&=\\#;x38u25', 'amp;', '25', '26', '3B', 'C3', 'BC', 'u00', '<', '>')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (drawn) => {
        const { escapes, open: matches } = digits.read(digits.start, drawn.join('')).state
        expect(escapes.length).toBeLessThan(12)
        expect(matches.length).toBeLessThan(60)
      }),
    )
  })
})

test.each([
  ['e', true],
  ['land', true],
  ['7', true],
  ['\u200be', true],
  ['s', true],
  ["'s", false],
  [', good day', false],
  [' e', false],
  ['-Smith', false],
  ['さん', false],
])('behind a form %j goes on with its last word: %s', (text, goesOn) => {
  expect(goesOnWithWord(text)).toBe(goesOn)
})

describe('words that have the letters of a form', () => {
  const names = new FormMatcher(['Isa', 'Avery', 'Lawson', 'Noor Lindqvist', 'McLean', '1234567'])
  const readIn = (by: FormMatcher, text: string) =>
    by.find(text).map(({ start, end }) => text.slice(start, end))

  test.each(['This is a very good day', 'of laws on it', 'is\na', 'No or Lindqvist', 'flaws on'])(
    'are other words, with plain spaces between them: %j',
    (text) => {
      expect(readIn(names, text)).toEqual([])
    },
  )

  test.each([
    ['I s a', 'I s a'],
    ['i\ns\na', 'i\ns\na'],
    ['Law\nson', 'Law\nson'],
    ['law-son', 'law-son'],
    ['I*s*a', 'I*s*a'],
    ['Noor  Lindqvist', 'Noor  Lindqvist'],
    ['L a w s o n', 'L a w s o n'],
    ['Mc Lean', 'Mc Lean'],
    ['12 34567', '12 34567'],
  ])('are the form where it is spelled, hidden or grouped otherwise: %j', (text, found) => {
    expect(readIn(names, text)).toEqual([found])
  })

  const whole = new FormMatcher(['Lawson', 'Sam Cole'], { isWholeWords: true })

  test.each(['laws-on', 'Law\nson', 'e-law-so-ns', 'La**wson', 'Sam Co-le'])(
    'are other words whatever stands between them, where nobody hides it: %j',
    (text) => {
      expect(readIn(whole, text)).toEqual([])
    },
  )

  test.each(['Sam\nCole', 'Sam</b> <i>Cole', 'SAMCOLE', 'S-a-m C-o-l-e', 'Sam](https://a.example) Cole'])(
    'are the form between its words: %j',
    (text) => {
      expect(readIn(whole, text)).toEqual([text])
    },
  )
})

test('a form is found beside a symbol that looks like a letter', () => {
  const matcher = new FormMatcher(['0000'])
  expect(matcher.find('\u{1f110}0000')).toMatchObject([{ form: 0 }])
  expect(matcher.find('0000\u{1f110}')).toMatchObject([{ form: 0, end: 4 }])
  expect(matcher.find('a0000')).toEqual([])
})
