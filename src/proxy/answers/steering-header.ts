import type { SteeringState } from '../../gateway/answer.ts'

/**
 * The value of `x-costeer-steering`: `on`, `off`, `off; reason=...` or
 * `bypassed; reason=...`. Never names the profile.
 */
export function steeringHeader(steering: SteeringState): string {
  const reason = steering.state === 'on' ? undefined : steering.reason
  return reason === undefined ? steering.state : `${steering.state}; reason=${plain(reason)}`
}

const MAX_NAMES = 32
const MAX_NAME_CHARACTERS = 64

/**
 * `x-costeer-ignored`, where there is something to name. Names of fields that nobody knows are the client's
 * own text, so each is cut to plain characters and a length, and what goes beyond a number is `...`.
 */
export function ignoredHeaders(fields: readonly string[]): Record<string, string> {
  if (fields.length === 0) return {}
  const names = new Set(fields.slice(0, MAX_NAMES).map((field) => plain(field).slice(0, MAX_NAME_CHARACTERS)))
  return { 'x-costeer-ignored': [...names, ...(fields.length > MAX_NAMES ? ['...'] : [])].join(', ') }
}

function plain(text: string): string {
  return text.replace(/[^\w.[\]-]+/g, '-')
}
