import type { UpstreamAccess } from '../../../gateway/gateway.ts'
import { GatewayError } from '../../../gateway-error.ts'
import type { FieldTable } from './field-table.ts'

/** Why a well-formed request cannot be steered. */
export interface Obstacle {
  /** The field at fault, such as `tools` or `messages[2].role`: always one of a table's rows. */
  readonly field: string
}

/** What becomes of a request for its fields' sake. */
export interface FieldJudgement {
  /** The first field that steering cannot honour, and a server may; null when there is none. */
  readonly obstacle: Obstacle | null
  /**
   * The fields that ask for something and have no effect, each once, without indices:
   * `messages[].name`. Among them are those that no table knows, whose names are the client's own text.
   */
  readonly ignored: readonly string[]
}

/**
 * Judges a request, whether or not it fits its endpoint's schema: what a server is to answer
 * need not. Nothing is dropped silently: a field is honoured, holds a value that asks for
 * nothing, or is named here. `upstream` tells what the model can do, and may throw.
 */
export function judgeFields(body: object, table: FieldTable, upstream: () => UpstreamAccess): FieldJudgement {
  const ignored = new Set<string>()
  for (const { field, verdict } of verdicts({ object: body, table, path: '' }, upstream)) {
    if (verdict === 'not-supported') return { obstacle: { field }, ignored: [] }
    ignored.add(field.replaceAll(/\[\d+\]/g, '[]'))
  }
  return { obstacle: null, ignored: [...ignored] }
}

interface Judged {
  readonly object: object
  readonly table: FieldTable
  /** Where the object stands in the request. */
  readonly path: string
}

interface Verdict {
  readonly field: string
  readonly verdict: 'not-supported' | 'ignored'
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
    if (value == null) continue
    if (row === undefined) yield { field, verdict: 'ignored' }
    else if (row.fate === 'neutral') {
      if (row.isNeutral(value, context)) continue
      yield { field, verdict: row.isLeftOut?.(value, context) === true ? 'ignored' : 'not-supported' }
    } else if (row.fate === 'harmless') {
      // False asks for nothing.
      if (value !== false) yield { field, verdict: 'ignored' }
    } else {
      const { inner, skips, unless, judgesAny, isLeftOut, schema } = row
      if (isLeftOut?.(value, context) === true) {
        yield { field, verdict: 'ignored' }
        continue
      }
      // A value that has no meaning is refused later, where nothing else makes it a server's business.
      const isJudged = () => judgesAny === true || schema.safeParse(value).success
      if (unless !== undefined && isJudged() && unless(value, context)) {
        yield { field, verdict: 'not-supported' }
      }
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
  return value.flatMap((object: unknown, index) =>
    typeof object === 'object' && object !== null ? [{ object, path: `${path}[${index}]` }] : [],
  )
}

/** The request without the fields that are left out although their table honours them elsewhere. */
export function withoutLeftOut<Body extends object>(
  body: Body,
  table: FieldTable,
  { ignored }: FieldJudgement,
): Partial<Body> {
  const isHere = ([name]: [string, unknown]) => table[name]?.fate !== 'honoured' || !ignored.includes(name)
  return Object.fromEntries(Object.entries(body).filter(isHere)) as Partial<Body>
}

/**
 * The refusal of a request that steering cannot honour, and that no server can take instead: for want of a
 * server, or because requests of its form are not passed on.
 */
export function refusalOf({ field }: Obstacle, isPassedOn = true): GatewayError {
  if (!isPassedOn) {
    const message = `Requests in Ollama's form are steered or refused, and steering cannot do what ${field} asks for. Leave it out, or ask /v1/chat/completions.`
    return new GatewayError('invalid_request', message, { param: field })
  }
  const message = `This model runs inside the gateway, which cannot do what ${field} asks for. Leave it out, or name a model behind a server (upstreams in the configuration): requests with it go there unsteered.`
  return new GatewayError('invalid_request', message, { param: field })
}
