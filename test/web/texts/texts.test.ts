import { describe, expect, test } from 'vitest'
import { decimal, language, languages, seconds, t } from '../../../web/texts/texts.ts'

type Tree = { readonly [key: string]: Tree | string | ((...values: never[]) => string) }

/** Each text's place, with how many values it takes. */
function places(tree: Tree, above = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const place = `${above}${key}`
    if (typeof value === 'string') return [place]
    return typeof value === 'function' ? [`${place}(${value.length})`] : places(value, `${place}.`)
  })
}

/** What a text says, with numbers or names in its places. */
function said(tree: Tree): string[] {
  return Object.values(tree).flatMap((value) => {
    if (typeof value === 'string') return [value]
    if (typeof value !== 'function') return said(value)
    const values = Array.from({ length: value.length }, () => 2) as never[]
    return [value(...values)]
  })
}

const others = Object.entries(languages).filter(([name]) => name !== 'en')

describe.each(others)('the texts in %s', (_name, texts) => {
  test('have the keys of the English ones, which take as many values', () => {
    expect(places(texts).toSorted()).toEqual(places(languages.en).toSorted())
  })

  test('say something at each of them, and mostly something else', () => {
    const [own, english] = [said(texts), said(languages.en)]
    expect(own.filter((text) => text.trim() === '')).toEqual([])
    const same = own.filter((text) => english.includes(text)).length
    expect(same / own.length).toBeLessThan(0.1)
  })
})

test('numbers are written as the language writes them', () => {
  expect(seconds(2100)).toBe('2.1 s')
  language.value = 'de'
  expect(seconds(2100)).toBe('2,1 s')
  expect(decimal(12_345.6, 0)).toBe('12346')
  expect(t().nav.profiles).toBe('Profile')
  language.value = 'en'
})
