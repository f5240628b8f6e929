import type { Guard } from '../../guard/guard.ts'
import { protocolNames } from '../../guard/protocol-names.ts'
import { jsonValue } from '../../json-value.ts'
import type { SlicedWork } from '../../sliced-work.ts'
import { mappingStrings } from '../../slm/text/mapped-strings.ts'
import { mappedBesideFile } from './file-data.ts'

type Mapping = (text: string) => SlicedWork<string>

/** A copy with aliases in all texts, keys and numbers, but not in files and in what a protocol names. */
export function maskedStrings<Value>(value: Value, guard: Guard): SlicedWork<Value> {
  const mask: Mapping = (text) => guard.masking(text)
  function* key(name: string): SlicedWork<string> {
    return protocolNames.has(name) ? name : yield* mask(name)
  }
  function* own(text: string): SlicedWork<string> {
    return yield* mask(yield* maskedJson(text, guard))
  }
  function* text(one: string, of: string): SlicedWork<string> {
    const isNamed = protocolNames.has(one) && (of === 'role' || of === 'type')
    return isNamed ? one : yield* mappedBesideFile(one, own)
  }
  return mappingStrings(value, { key, text, number: asNumber(mask) })
}

/** A text that is JSON, masked in its strings, which may be written with escapes; any other as it is. */
function* maskedJson(text: string, guard: Guard): SlicedWork<string> {
  if (!/^\s*[{[]/.test(text)) return text
  const content = jsonValue(text)
  if (content === undefined) return text
  yield
  const key: Mapping = (one) => guard.masking(one)
  const masked = yield* mappingStrings(content, { text: key, key, number: asNumber(key) })
  const written = JSON.stringify(masked)
  yield
  return written === JSON.stringify(content) ? text : written
}

/** A copy with real values in place of all aliases. */
export function restoredStrings<Value>(value: Value, guard: Guard): SlicedWork<Value> {
  const restore: Mapping = (text) => guard.restoring(text)
  const text = (one: string) => mappedBesideFile(one, restore)
  const restored = asNumber(restore)
  function* number(one: number): SlicedWork<number | string> {
    return isLikeName(one) ? yield* restored(one) : one
  }
  return mappingStrings(value, { text, key: restore, number })
}

/** The same for a number, which stays one where that can be. */
function asNumber(map: Mapping): (number: number) => SlicedWork<number | string> {
  return function* mappedNumber(number) {
    const written = String(number)
    const mapped = yield* map(written)
    if (mapped === written) return number
    return String(Number(mapped)) === mapped ? Number(mapped) : mapped
  }
}

/** Whether a number may say which one, as those of telephones and cards do; smaller ones count something. */
function isLikeName(number: number): boolean {
  return Number.isInteger(number) && Math.abs(number) >= 1_000_000
}

/** All texts of a value but files, those keys that are more than a name, and long numbers. */
export function* stringsOf(value: unknown): SlicedWork<string[]> {
  const texts: string[] = []
  function* add(one: unknown): SlicedWork<void> {
    if (typeof one === 'string') yield* addBesideFile(one)
    else if (typeof one === 'number' && isLikeName(one)) texts.push(String(one))
    else if (typeof one === 'object' && one !== null) {
      for (const [key, inner] of Object.entries(one)) {
        if (!Array.isArray(one) && /[^\w$-]/.test(key)) texts.push(key)
        yield* add(inner)
      }
      yield
    }
  }
  function* addBesideFile(text: string): SlicedWork<void> {
    // biome-ignore lint/correctness/useYield: what is mapped in slices elsewhere
    yield* mappedBesideFile(text, function* keep(own) {
      texts.push(own)
      return own
    })
    yield
  }
  yield* add(value)
  return texts
}
