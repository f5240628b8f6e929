// This room owns what a request may say: the tables of fields, a row a field, from which follow an endpoint's
// schema, what becomes of a request, the API's description and docs/request-fields.md. It must not know how
// answers are made or written.
import { isDeepStrictEqual } from 'node:util'
import type { z } from '@hono/zod-openapi'
import type { UpstreamAccess } from '../../../gateway/gateway.ts'

/** What a test of a value may look at beside the value. */
export interface FieldContext {
  /** The object that holds the field. */
  readonly siblings: Readonly<Record<string, unknown>>
  /** What is behind the request's model. Throws `model_not_found`. */
  readonly upstream: () => UpstreamAccess
}

/** A test of a value that is neither null nor missing. */
export type ValueTest<Value = unknown> = (value: Value, context: FieldContext) => boolean

/** A field that shapes the answer or the reply. */
export interface HonouredField<Schema extends z.ZodType = z.ZodType> {
  readonly fate: 'honoured'
  readonly schema: Schema
  readonly doc: FieldDoc
  /** The values that steering cannot honour, and a server may. */
  readonly unless?: ValueTest | undefined
  /** `unless` is asked of values that do not fit the schema, too. */
  readonly judgesAny?: boolean | undefined
  /** Whether a value may be left out instead, and be named as one without effect. */
  readonly isLeftOut?: ValueTest | undefined
  /** The fields of the object that it holds, or of each object of its list. */
  readonly inner?: FieldTable | undefined
  /** Objects of that list whose fields are nobody's business. */
  readonly skips?: ((object: object) => boolean) | undefined
}

/** A field that cannot change what the answer says: accepted without effect. */
export interface HarmlessField<Schema extends z.ZodType | undefined = z.ZodType | undefined> {
  readonly fate: 'harmless'
  /** Where even a value without effect must have a form. */
  readonly schema: Schema
  /** The values that are accepted, as Markdown. */
  readonly values: string
}

/** A field that a steered answer cannot honour. */
export interface NeutralField {
  readonly fate: 'neutral'
  /** Whether a value asks for nothing, so that there is nothing to honour. */
  readonly isNeutral: ValueTest
  /** Whether another value may be left out, and be named as one without effect. */
  readonly isLeftOut?: ValueTest
  /** Those values, as Markdown. */
  readonly values: string
}

/** What becomes of an object's fields. `null` stands for a field's default, whatever its row says. */
export type FieldTable = Readonly<Record<string, HonouredField | HarmlessField | NeutralField>>

/** A row of the documents, as Markdown. */
interface FieldDoc {
  readonly values: string
  readonly default?: string
}

interface Honour<Schema extends z.ZodType> extends FieldDoc {
  readonly unless?: ValueTest<NonNullable<z.infer<Schema>>>
  readonly judgesAny?: boolean
  readonly isLeftOut?: ValueTest
  readonly inner?: FieldTable
  readonly skips?: (object: object) => boolean
}

/** The row of a field that may be left out. */
export function honoured<Schema extends z.ZodType>(
  schema: Schema,
  how: Honour<Schema>,
): HonouredField<z.ZodOptional<z.ZodNullable<Schema>>> {
  return honouredRow(schema.nullish(), how)
}

/** The row of a field whose schema says itself whether it may be left out. */
export function honouredAs<Schema extends z.ZodType>(
  schema: Schema,
  how: Honour<Schema>,
): HonouredField<Schema> {
  return honouredRow(schema, how)
}

function honouredRow<Schema extends z.ZodType>(
  schema: Schema,
  { unless, judgesAny, isLeftOut, inner, skips, ...doc }: Honour<never>,
): HonouredField<Schema> {
  const description = doc.default === undefined ? doc.values : `${doc.values}. Default: ${doc.default}.`
  return {
    fate: 'honoured',
    schema: schema.describe(description),
    doc,
    unless: unless as ValueTest | undefined,
    judgesAny,
    isLeftOut,
    inner,
    skips,
  }
}

/** The row of a field without effect. */
export const harmless: HarmlessField<undefined> = { fate: 'harmless', schema: undefined, values: 'any' }

/** The same for one whose values are checked all the same. */
export function harmlessOf<Schema extends z.ZodType>(schema: Schema, values: string): HarmlessField<Schema> {
  return { fate: 'harmless', schema: schema.describe('Has no effect.'), values }
}

/** The row of a field that only these values leave without meaning. */
export function neutral(...values: readonly unknown[]): NeutralField {
  return {
    fate: 'neutral',
    isNeutral: (value) => values.some((one) => isDeepStrictEqual(one, value)),
    values: values.length === 0 ? 'none' : values.map((value) => `\`${JSON.stringify(value)}\``).join(', '),
  }
}

/** The same where a test tells these values, which `values` describes. */
export function neutralIf(values: string, isNeutral: ValueTest): NeutralField {
  return { fate: 'neutral', isNeutral, values }
}

type WithSchema = { readonly schema: z.ZodType }

export type ShapeOf<Table extends FieldTable> = {
  [Field in keyof Table as Table[Field] extends WithSchema ? Field : never]: Table[Field] extends {
    readonly schema: infer Schema extends z.ZodType
  }
    ? Schema
    : never
}

/** The shape of the object that a table describes: the fields whose values are checked. */
export function shapeOf<Table extends FieldTable>(table: Table): ShapeOf<Table> {
  const checked = Object.entries(table).flatMap(([field, row]) =>
    'schema' in row && row.schema !== undefined ? [[field, row.schema] as const] : [],
  )
  return Object.fromEntries(checked) as ShapeOf<Table>
}
