import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

/**
 * The keys that a schema allows in the object at `path`. Of several forms of an object those count whose
 * fixed values, such as a `kind`, are the ones of `content`.
 */
export function knownKeys(
  schema: z.ZodType,
  { path, content }: { readonly path: readonly PropertyKey[]; readonly content: unknown },
): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })
  let forms = formsOf(root, content)
  let value = content
  for (const step of path) {
    value = memberOf(value, step)
    forms = forms.flatMap((form) => insideOf(form, step)).flatMap((form) => formsOf(form, value))
  }
  return [...new Set(forms.flatMap(({ properties }) => Object.keys(properties ?? {})))]
}

function formsOf(schema: JsonSchema, content: unknown): JsonSchema[] {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  const forms = choices.flatMap((choice) => formsOf(choice as JsonSchema, content))
  return [...(isMeant(schema, content) ? [schema] : []), ...forms]
}

function isMeant({ properties = {} }: JsonSchema, content: unknown): boolean {
  return Object.entries(properties).every(([key, property]) => {
    const fixed = typeof property === 'object' ? property.const : undefined
    const given = memberOf(content, key)
    return fixed === undefined || given === undefined || given === fixed
  })
}

function insideOf({ properties, additionalProperties, items }: JsonSchema, step: PropertyKey): JsonSchema[] {
  const inner = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties)
  return typeof inner === 'object' && !Array.isArray(inner) ? [inner as JsonSchema] : []
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined
}
