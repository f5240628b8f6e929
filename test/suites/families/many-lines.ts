/** Stretches of text in many scripts, code, signs and emoji, from which lines are put together. */
const stretches = [
  'The quick brown fox jumps over 13 lazy dogs',
  "don't WE'LL they'Ve I'm it's rock'n'roll",
  'HTTPServer parseJSON camelCaseWords snake_case_name kebab-case-name XMLHttpRequest2',
  'for (let i = 0; i < n; i++) { sum += a[i] ** 2; } // total',
  'def f(x: int) -> str:\n    return f"{x:>10}"\n\n\n\tpass',
  "SELECT * FROM users WHERE name LIKE '%o' AND age >= 18;",
  '<div class="a b">▁ & &amp; </div>\r\n',
  'Größe Straße fähig Übermut naïve façade Ångström',
  'Съешь же ещё этих мягких французских БУЛОК, да выпей чаю',
  'Ξεσκεπάζω την ψυχοφθόρα ΒΔΕΛΥΓΜΙΑ',
  'いろはにほへと ちりぬるを カタカナ 漢字かな交じり文。',
  '快速的棕色狐狸跳过了懒狗，價格是￥1234.56元',
  '다람쥐 헌 쳇바퀴에 타고파',
  'صِف خَلقَ خَودِ كَمِثلِ الشَمسِ إِذ بَزَغَت',
  'דג סקרן שט בים מאוכזב',
  'ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण',
  'เป็นมนุษย์สุดประเสริฐเลิศคุณค่า',
  'Tiếng Việt có dấu: ắ ằ ẳ ẵ ặ',
  '😀 👩‍👩‍👧 🏳️‍🌈 👍🏽 ❤️ ✈️',
  '∑ √2 ≈ 1.41421 → € ½ ™ … ﬁ № Ⅷ ① ²',
  '  leading,   inner    and trailing   ',
  '\t\ttabs\tand\n\nnew\n\n\nlines\n\n\n\n',
  '1 12 123 1234 12345 3.14e-10 0xDEADBEEF 1,000,000',
  '!!! ??? ... --- *** ((([[[{{{ }}}]]])) "\'`~@#$%^&*_+=|\\<>/',
  'a\u0301 e\u0308 n\u0303 \u200bzero\u200dwidth \u00a0nbsp \u3000wide',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  '\u{1d54f}\u{10348}\u{1f9d1}\u{200d}\u{1f680} ქართული հայերեն አማርኛ ᚠᚢᚦ',
] as const

/** `count` different lines, always the same ones: cut, joined and mixed stretches. */
export function manyLines(count: number): string[] {
  let state = 7
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const lines = new Set<string>(stretches)
  while (lines.size < count) {
    const parts = Array.from({ length: 1 + below(4) }, () => {
      const characters = [...(stretches[below(stretches.length)] ?? '')]
      const from = below(characters.length)
      return characters.slice(from, from + 1 + below(24)).join('')
    })
    lines.add(parts.join(['', ' ', '', '\n', '  '][below(5)]))
  }
  return [...lines]
}
