import type { UpstreamAccess } from '../../../gateway/gateway.ts'
import { GatewayError } from '../../../gateway-error.ts'
import type { FieldTable } from './field-table.ts'

/** Why a well-formed request cannot be steered. */
export interface Obstacle {
  /** The field at fault, such as `tools` or `messages[2].role`. */
  readonly field: string
  /** Fields that are not supported are some server's business; unknown ones are nobody's. */
  readonly reason: 'not-supported' | 'unknown-field'
}

/** What becomes of a request for its fields' sake. */
export interface FieldJudgement {
  /**
   * What steering cannot honour, if anything: a field that a server may honour comes before one that nobody
   * knows.
   */
  readonly obstacle: Obstacle | null
  /** The fields that ask for something and have no effect, each once, without indices: `messages[].name`. */
  readonly ignored: readonly string[]
}

/**
 * Judges a request that fits its endpoint's schema. Nothing is dropped silently: a field is honoured, holds a
 * value that asks for nothing, or is named here. `upstream` tells what the model can do, and may throw.
 */
export function judgeFields(body: object, table: FieldTable, upstream: () => UpstreamAccess): FieldJudgement {
  const ignored = new Set<string>()
  let first: Obstacle | null = null
  for (const { field, verdict } of verdicts({ object: body, table, path: '' }, upstream)) {
    if (verdict === 'ignored') ignored.add(field.replaceAll(/\[\d+\]/g, '[]'))
    else if (first === null || (first.reason === 'unknown-field' && verdict === 'not-supported')) {
      first = { field, reason: verdict }
    }
  }
  return { obstacle: first, ignored: [...ignored] }
}

interface Judged {
  readonly object: object
  readonly table: FieldTable
  /** Where the object stands in the request. */
  readonly path: string
}

interface Verdict {
  readonly field: string
  readonly verdict: Obstacle['reason'] | 'ignored'
}

/** What is to be said of an object's own fields, and then of those of the objects that it holds. */
function* verdicts(
  { object, table, path }: Judged,
  upstream: () => UpstreamAccess,
): Generator<Verdict, void, undefined> {
  const siblings = object as Readonly<Record<string, unknown>>
  const context = { siblings, upstream }
  const held: Judged[] = []
  for (const [name, value] of Object.entries(siblings)) {
    const field = path === '' ? name : `${path}.${name}`
    const row = Object.hasOwn(table, name) ? table[name] : undefined
    if (row === undefined) yield { field, verdict: 'unknown-field' }
    else if (value == null) continue
    else if (row.fate === 'neutral') {
      if (!row.isNeutral(value, context)) yield { field, verdict: 'not-supported' }
    } else if (row.fate === 'harmless') {
      // False asks for nothing.
      if (value !== false) yield { field, verdict: 'ignored' }
    } else {
      if (row.unless?.(value, context) === true) yield { field, verdict: 'not-supported' }
      const { inner, skips } = row
      if (inner === undefined) continue
      const objects = objectsOf(value, field).filter(({ object }) => skips?.(object) !== true)
      held.push(...objects.map((one) => ({ ...one, table: inner })))
    }
  }
  for (const one of held) yield* verdicts(one, upstream)
}

/** The object that a field holds, or those of its list; none where it holds a text. */
function objectsOf(value: unknown, path: string): Omit<Judged, 'table'>[] {
  if (typeof value !== 'object' || value === null) return []
  if (!Array.isArray(value)) return [{ object: value, path }]
  return value.map((object: object, index) => ({ object, path: `${path}[${index}]` }))
}

/** The refusal of a request that steering cannot honour, and that no server can take instead. */
export function refusalOf({ field, reason }: Obstacle): GatewayError {
  const message =
    reason === 'unknown-field'
      ? `The field ${field} is not known here; remove it. docs/request-fields.md lists the fields.`
      : `This model runs inside the gateway, where ${field} is not supported with this value; remove it, or name a model behind a server.`
  return new GatewayError('invalid_request', message, { param: field })
}
