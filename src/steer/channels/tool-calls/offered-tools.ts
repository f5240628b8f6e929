import { jsonValue } from '../../../json-value.ts'

/** The parameters' JSON schema of each tool that the client offers, by its name. */
export type OfferedTools = ReadonlyMap<string, unknown>

type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array'

const jsonTypes: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'null', 'object', 'array'])
/** Python's names for what JSON writes otherwise: templates show them to models. */
const pythonLiterals: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' }

/** The JSON types that an argument may have; null where the schema leaves it open. */
export type ArgumentTypes = ReadonlySet<JsonType> | null

const stringAlone: ArgumentTypes = new Set(['string'])

/** An argument that the tool does not know is a string, as vLLM has it. */
export function argumentTypes(tools: OfferedTools, tool: string, argument: string): ArgumentTypes {
  const properties = member(tools.get(tool), 'properties')
  const schema = member(properties, argument)
  return schema === undefined ? stringAlone : typesOf(schema)
}

/** Whether a value of these types is its text, so that it can be passed on before it is complete. */
export function isText(types: ArgumentTypes): boolean {
  return types !== null && types.size === 1 && types.has('string')
}

/** An argument's text as JSON: itself where it is JSON of a type that is allowed, else a string. */
export function argumentJson(text: string, types: ArgumentTypes): string {
  if (isText(types)) return JSON.stringify(text)
  const trimmed = text.trim()
  const json = Object.hasOwn(pythonLiterals, trimmed) ? (pythonLiterals[trimmed] ?? trimmed) : trimmed
  const type = typeOfJson(json)
  // Quotation marks belong to a text where texts may stand bare
  const isBare = type === 'string' && (types === null || types.has('string'))
  return type !== null && !isBare && (types === null || types.has(type)) ? json : JSON.stringify(text)
}

function typesOf(schema: unknown): ArgumentTypes {
  const named = [member(schema, 'type') ?? []].flat()
  const choices = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => list(member(schema, key)))
  const values = [...list(member(schema, 'enum')), ...constant(schema)]
  const types = new Set<JsonType>()
  for (const type of named) if (isJsonType(jsonName(type))) types.add(jsonName(type) as JsonType)
  for (const value of values) types.add(typeOf(value))
  for (const choice of choices) {
    const inner = typesOf(choice)
    if (inner === null) return null
    for (const type of inner) types.add(type)
  }
  return types.size === 0 ? null : types
}

function jsonName(type: unknown): unknown {
  return type === 'integer' ? 'number' : type
}

function isJsonType(type: unknown): type is JsonType {
  return typeof type === 'string' && jsonTypes.has(type)
}

function typeOfJson(text: string): JsonType | null {
  const value = jsonValue(text)
  return value === undefined ? null : typeOf(value)
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'
}

function constant(schema: unknown): unknown[] {
  const value = member(schema, 'const')
  return value === undefined ? [] : [value]
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, unknown>>)[key]
}
