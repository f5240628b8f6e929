import { functionWords } from '../../steer/text/function-words.ts'

/** A value that a request states, by what kind of value can take its place. */
interface StatedValue {
  readonly kind: 'time' | 'weekday' | 'month' | 'number' | 'name'
  /** Written one way, whatever the text writes: `17:00`, `friday`, `5`. */
  readonly value: string
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const months = 'january february march april may june july august september october november december'.split(
  ' ',
)
const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ')

const TIME = /\b(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\b\.?|\b(\d{1,2}):(\d{2})\b/gi
/**
 * Hours in words: "at five", "to half past six" are too many ways; the plain ones are told by what stands
 * before them.
 */
const hourWord = new RegExp(
  String.raw`\b(?:at|to|until|till|from|by)\s+(${numberWords.slice(1).join('|')})\b(?!\s+[a-z]+s\b)`,
  'gi',
)
const NUMBER = /(?<![\d:.,])\d+(?:[.,]\d+)*(?![\d:])/g
const NAME = /(?<![.!?:"“]\s|^|\n)\b\p{Lu}[\p{L}’']+(?:\s+\p{Lu}[\p{L}’']+)*/gu

/**
 * The values of a request that an answer gets wrong: the answer has another value of the same kind in its
 * place, which neither the request nor `allowed` (the profile and past texts) states. A value that is
 * merely missing is not wrong.
 */
export function wrongValues(
  answer: string,
  { request, allowed }: { readonly request: string; readonly allowed: string },
): StatedValue[] {
  const stated = statedValues(request)
  const known = new Set([...stated, ...statedValues(allowed)].map(keyOf))
  const given = statedValues(answer)
  const keys = new Set(given.map(keyOf))
  return stated.filter((value) => {
    if (value.kind === 'name' || keys.has(keyOf(value))) return false
    // Five and 5, 5 pm and 17:00 may stand for each other
    if (given.some((other) => isSame(value, other))) return false
    return given.some((other) => other.kind === value.kind && !known.has(keyOf(other)))
  })
}

/** The values of a request that one answer lacks although another has them. */
export function lostValues(
  answer: string,
  { request, other }: { readonly request: string; readonly other: string },
): StatedValue[] {
  const own = statedValues(answer)
  const others = statedValues(other)
  return statedValues(request).filter(
    (value) => others.some((given) => isSame(value, given)) && !own.some((given) => isSame(value, given)),
  )
}

/**
 * The numbers, dates, times and names in a text, each once. Names are capitalised words inside a sentence.
 */
function statedValues(text: string): StatedValue[] {
  const found = new Map<string, StatedValue>()
  const add = (kind: StatedValue['kind'], value: string) => found.set(`${kind} ${value}`, { kind, value })
  const rest = text
    .replace(TIME, (_, hour, minute = '00', half, hour24, minute24) => {
      const given = Number(hour ?? hour24)
      const late = half?.toLowerCase() === 'p' && given < 12 ? 12 : 0
      add('time', `${given + late}:${hour24 === undefined ? minute : minute24}`)
      return ' '
    })
    .replace(hourWord, (_, word: string) => {
      add('time', `${numberWords.indexOf(word.toLowerCase())}:00`)
      return ' '
    })
  for (const [number] of rest.matchAll(NUMBER)) add('number', number.replaceAll(',', ''))
  for (const word of rest.toLowerCase().match(/\p{L}+/gu) ?? []) {
    if (weekdays.includes(word)) add('weekday', word)
    if (word !== 'may' && word !== 'march' && months.includes(word)) add('month', word)
    if (numberWords.indexOf(word) > 1) add('number', String(numberWords.indexOf(word)))
  }
  for (const [name] of rest.matchAll(NAME)) {
    const value = name.toLowerCase().replaceAll('’', "'").replace(/'s$/, '')
    if (!functionWords.has(value) && !weekdays.includes(value) && !months.includes(value)) add('name', value)
  }
  return [...found.values()]
}

function keyOf({ kind, value }: StatedValue): string {
  return `${kind} ${value}`
}

/**
 * Times are the same also twelve hours apart: "at five" is 17:00 mostly. An hour may be written as a mere
 * number.
 */
function isSame(a: StatedValue, b: StatedValue): boolean {
  if (a.kind === b.kind && a.value === b.value) return true
  if (a.kind === 'time' && b.kind === 'time') return halfDay(a.value) === halfDay(b.value)
  const [time, number] = a.kind === 'time' ? [a, b] : [b, a]
  return (
    time.kind === 'time' &&
    number.kind === 'number' &&
    halfDay(time.value) === `${Number(number.value) % 12}:00`
  )
}

function halfDay(time: string): string {
  const [hour, minute] = time.split(':')
  return `${Number(hour) % 12}:${minute}`
}
