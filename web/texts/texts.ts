// This room owns what the page says: one file a language, with the same keys in each. It must not know where
// a text stands.

import { signal } from '@preact/signals'
import { de } from './de.ts'
import { en, type Texts } from './en.ts'

export const languages = { en, de } as const satisfies Record<string, Texts>

export type Language = keyof typeof languages

export const language = signal<Language>('en')

/** The page's texts in the language that is chosen now. */
export function t(): Texts {
  return languages[language.value]
}

/** A number with so many digits behind its point, as the language writes it. */
export function decimal(value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }
  return new Intl.NumberFormat(language.value, options).format(value)
}

/** A number with as many digits behind its point as it has, as the language writes it. */
export function asWritten(value: number): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: 6, useGrouping: false }).format(value)
}

/** `2.1 s` */
export function seconds(ms: number): string {
  return `${decimal(ms / 1000, 1)} s`
}

/** `98 MB`, `1.1 GB` */
export function byteSize(bytes: number): string {
  return bytes < 1e9 ? `${decimal(bytes / 1e6, 0)} MB` : `${decimal(bytes / 1e9, 1)} GB`
}
