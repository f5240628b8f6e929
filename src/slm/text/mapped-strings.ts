import { jsonValue } from '../../json-value.ts'
import type { SlicedWork } from '../../sliced-work.ts'

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

export interface SlicedMapping {
  readonly text: (text: string, key: string) => SlicedWork<string>
  readonly key: (key: string) => SlicedWork<string>
  readonly number: (number: number) => SlicedWork<number | string>
}

/** The same in slices, for large values. */
export function mappingStrings<Value>(value: Value, mapping: SlicedMapping, key?: string): SlicedWork<Value>
export function* mappingStrings(value: unknown, mapping: SlicedMapping, key = ''): SlicedWork<unknown> {
  if (typeof value === 'string') {
    const within = key === 'arguments' ? parsedObject(value) : null
    if (within === null) return yield* mapping.text(value, key)
    yield
    const mapped = JSON.stringify(yield* mappingStrings(within, mapping))
    yield
    return mapped === JSON.stringify(within) ? yield* mapping.text(value, key) : mapped
  }
  if (typeof value === 'number') return yield* mapping.number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const one of value) items.push(yield* mappingStrings(one, mapping))
    return items
  }
  const entries: [string, unknown][] = []
  for (const [name, one] of Object.entries(value)) {
    entries.push([yield* mapping.key(name), yield* mappingStrings(one, mapping, name)])
  }
  return Object.fromEntries(entries)
}

function parsedObject(text: string): object | null {
  const parsed = jsonValue(text)
  return typeof parsed === 'object' && parsed !== null ? parsed : null
}
