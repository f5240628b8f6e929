import { jsonValue } from '../../json-value.ts'

export interface StringMapping {
  /** `key`: that of which it is the value; empty for an item of a list. */
  readonly text: (text: string, key: string) => string
  readonly key: (key: string) => string
  /** Left out where numbers stay. */
  readonly number?: (number: number) => number | string
}

/**
 * A copy with all texts, keys and numbers mapped; those in the JSON text of a call's `arguments` too, which
 * is written anew only where one of them becomes another.
 */
export function mappedStrings<Value>(value: Value, mapping: StringMapping, key?: string): Value
export function mappedStrings(value: unknown, mapping: StringMapping, key = ''): unknown {
  if (typeof value === 'string') {
    const within = key === 'arguments' ? parsedObject(value) : null
    if (within === null) return mapping.text(value, key)
    const mapped = JSON.stringify(mappedStrings(within, mapping))
    return mapped === JSON.stringify(within) ? mapping.text(value, key) : mapped
  }
  if (typeof value === 'number') return mapping.number?.(value) ?? value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => mappedStrings(one, mapping))
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([name, one]) => [mapping.key(name), mappedStrings(one, mapping, name)]),
  )
}

function parsedObject(text: string): object | null {
  const parsed = jsonValue(text)
  return typeof parsed === 'object' && parsed !== null ? parsed : null
}
