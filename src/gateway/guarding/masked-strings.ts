import type { Guard } from '../../guard/guard.ts'
import { protocolNames } from '../../guard/protocol-names.ts'
import { jsonValue } from '../../json-value.ts'
import { mappedStrings } from '../../slm/text/mapped-strings.ts'
import { mappedBesideFile } from './file-data.ts'

/** A copy with aliases in all texts, keys and numbers, but not in files and in what a protocol names. */
export function maskedStrings<Value>(value: Value, guard: Guard): Value {
  const mask = (text: string) => guard.mask(text)
  const key = (name: string) => (protocolNames.has(name) ? name : mask(name))
  const text = (one: string, of: string) => {
    const isNamed = protocolNames.has(one) && (of === 'role' || of === 'type')
    return isNamed ? one : mappedBesideFile(one, (own) => mask(maskedJson(own, guard)))
  }
  return mappedStrings(value, { key, text, number: asNumber(mask) })
}

/** A text that is JSON, masked in its strings, which may be written with escapes; any other as it is. */
function maskedJson(text: string, guard: Guard): string {
  if (!/^\s*[{[]/.test(text)) return text
  const content = jsonValue(text)
  if (content === undefined) return text
  const key = (one: string) => guard.mask(one)
  const masked = mappedStrings(content, { text: key, key, number: asNumber(key) })
  return JSON.stringify(masked) === JSON.stringify(content) ? text : JSON.stringify(masked)
}

/** A copy with real values in place of all aliases. */
export function restoredStrings<Value>(value: Value, guard: Guard): Value {
  const restore = (text: string) => guard.restore(text)
  const text = (one: string) => mappedBesideFile(one, restore)
  const restored = asNumber(restore)
  const number = (one: number) => (isLikeName(one) ? restored(one) : one)
  return mappedStrings(value, { text, key: restore, number })
}

/** The same for a number, which stays one where that can be. */
function asNumber(map: (text: string) => string): (number: number) => number | string {
  return (number) => {
    const written = String(number)
    const mapped = map(written)
    if (mapped === written) return number
    return String(Number(mapped)) === mapped ? Number(mapped) : mapped
  }
}

/** Whether a number may say which one, as those of telephones and cards do; smaller ones count something. */
function isLikeName(number: number): boolean {
  return Number.isInteger(number) && Math.abs(number) >= 1_000_000
}

/** All texts of a value but files, those keys that are more than a name, and long numbers. */
export function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return besideFile(value)
  if (typeof value === 'number') return isLikeName(value) ? [String(value)] : []
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(stringsOf)
  return Object.entries(value).flatMap(([key, one]) => [
    ...(/[^\w$-]/.test(key) ? [key] : []),
    ...stringsOf(one),
  ])
}

function besideFile(text: string): string[] {
  const texts: string[] = []
  mappedBesideFile(text, (own) => {
    texts.push(own)
    return own
  })
  return texts
}
