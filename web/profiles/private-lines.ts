import { type PrivateKind, type PrivateValue, privateKinds } from '../../src/guard/private-value.ts'
import type { Profile } from '../../src/profiles/profile.ts'

/** Private values as lines to edit: `person: Noor Lindqvist | Noor | Lindqvist`. */
export function linesOfValues(values: readonly PrivateValue[]): string {
  return values.map(({ kind, value, forms }) => `${kind}: ${[value, ...forms].join(' | ')}`).join('\n')
}

/** What such lines say. A line without a kind is of the kind `other`; blank parts do not count. */
export function valuesOfLines(lines: string): Profile['private'] {
  return lines.split('\n').flatMap((line) => {
    const [, kind, rest] = /^\s*(\p{L}+)\s*:(.*)$/su.exec(line) ?? []
    const isKind = privateKinds.some((one) => one === kind)
    const parts = (isKind ? (rest ?? '') : line).split('|').map((part) => part.trim())
    const [value, ...forms] = parts.filter((part) => part !== '')
    return value === undefined ? [] : [{ kind: isKind ? (kind as PrivateKind) : 'other', value, forms }]
  })
}
