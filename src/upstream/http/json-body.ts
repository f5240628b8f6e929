import type { SlicedWork } from '../../sliced-work.ts'

/** Items of a list that are written at a time. */
const ITEMS = 4096
/** More prompts are in no request. */
const MOST_LISTS = 64

/** Whether a body has a list that takes long to write. */
export function isLarge(body: object): boolean {
  return Object.values(body).some(isLong)
}

/** As `JSON.stringify` writes a body, with turns for others in the middle of long lists, such as prompts. */
export function* writingJson(body: object): SlicedWork<string> {
  const fields: string[] = []
  for (const [name, value] of Object.entries(body)) {
    const written = isLong(value) ? yield* writingList(value) : JSON.stringify(value)
    if (written !== undefined) fields.push(`${JSON.stringify(name)}:${written}`)
  }
  return `{${fields.join()}}`
}

function* writingList(list: readonly unknown[]): SlicedWork<string> {
  const items: string[] = []
  if (list.length <= MOST_LISTS) {
    for (const one of list)
      items.push(isLong(one) ? yield* writingList(one) : JSON.stringify([one]).slice(1, -1))
  } else {
    for (let at = 0; at < list.length; at += ITEMS) {
      items.push(JSON.stringify(list.slice(at, at + ITEMS)).slice(1, -1))
      yield
    }
  }
  return `[${items.join()}]`
}

/** Whether a list, or one of a few in it, takes long to write. */
function isLong(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && (value.length <= MOST_LISTS ? value.some(isLong) : value.length > ITEMS)
}
