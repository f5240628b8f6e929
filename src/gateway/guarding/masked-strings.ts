import type { Guard } from '../../guard/guard.ts'
import { jsonValue } from '../../json-value.ts'
import { mappedStrings } from '../../slm/text/mapped-strings.ts'
import { isFileData } from './file-data.ts'

/** A copy with aliases in all texts, names and keys, but not in files. */
export function maskedStrings<Value>(value: Value, guard: Guard): Value {
  const key = (text: string) => guard.mask(text)
  const masked = (text: string) => guard.mask(maskedJson(text, guard))
  return mappedStrings(value, { key, text: (text) => (isFileData(text) ? text : masked(text)) })
}

/** A text that is JSON, masked in its strings, which may be written with escapes; any other as it is. */
function maskedJson(text: string, guard: Guard): string {
  if (!/^\s*[{[]/.test(text)) return text
  const content = jsonValue(text)
  if (content === undefined) return text
  const key = (one: string) => guard.mask(one)
  const masked = mappedStrings(content, { text: key, key })
  return JSON.stringify(masked) === JSON.stringify(content) ? text : JSON.stringify(masked)
}

/** A copy with real values in place of all aliases. */
export function restoredStrings<Value>(value: Value, guard: Guard): Value {
  const restore = (text: string) => guard.restore(text)
  return mappedStrings(value, { text: (text) => (isFileData(text) ? text : restore(text)), key: restore })
}

/** All texts of a value but files, and those keys that are more than a name. */
export function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return isFileData(value) ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(stringsOf)
  return Object.entries(value).flatMap(([key, one]) => [
    ...(key.includes(' ') ? [key] : []),
    ...stringsOf(one),
  ])
}
