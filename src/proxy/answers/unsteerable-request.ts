/** Why a well-formed request cannot be steered. */
export interface Unsteerable {
  /** The field at fault, such as `tools` or `messages[2].role`. */
  readonly field: string
  /** Fields that are not supported are some server's business; unknown ones are nobody's. */
  readonly reason: 'not-supported' | 'unknown-field'
}

/** Whether a value asks for nothing. Null never does, and needs no test. */
export type IsNeutral = (value: unknown) => boolean

/** What becomes of an object's fields. */
export interface FieldFates {
  readonly honoured: ReadonlySet<string>
  /** Accepted with any value, because they cannot change what the answer says. */
  readonly harmless: ReadonlySet<string>
  /** Fields that a steered answer cannot honour, each with the values that ask for nothing. */
  readonly neutral: Readonly<Record<string, IsNeutral>>
}

/**
 * The fields that a steered answer could not honour. Nothing is dropped silently: a field is honoured, documented as
 * harmless, holds a value that asks for nothing, or is named here. `path` is the object's own name.
 */
export function* unsteerableFields(
  fields: object,
  { honoured, harmless, neutral }: FieldFates,
  path = '',
): Generator<Unsteerable, void, undefined> {
  for (const [name, value] of Object.entries(fields)) {
    if (honoured.has(name) || harmless.has(name)) continue
    const field = path === '' ? name : `${path}.${name}`
    const isNeutral = Object.hasOwn(neutral, name) ? neutral[name] : undefined
    if (isNeutral === undefined) yield { field, reason: 'unknown-field' }
    else if (value !== null && !isNeutral(value)) yield { field, reason: 'not-supported' }
  }
}

/**
 * The fields that ask for something and are accepted without effect; null and false ask for nothing. `path` is the
 * object's own name, without indices.
 */
export function* fieldsWithoutEffect(
  fields: object,
  { harmless }: FieldFates,
  path = '',
): Generator<string, void, undefined> {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== false && harmless.has(name)) yield path === '' ? name : `${path}.${name}`
  }
}

/** The field to name: one that a server may honour comes before one that nobody knows. */
export function firstObstacle(obstacles: Iterable<Unsteerable>): Unsteerable | null {
  let first: Unsteerable | null = null
  for (const obstacle of obstacles) {
    if (obstacle.reason === 'not-supported') return obstacle
    first ??= obstacle
  }
  return first
}
