import { jsonValue } from '../../../json-value.ts'

/**
 * The arguments of a call, which go about as JSON text, as the object that they are; null where they are
 * none, as those of a call that was cut off. An empty text stands for no arguments.
 */
export function callArguments(json: string): Record<string, unknown> | null {
  const value = json === '' ? {} : jsonValue(json)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}

/** The text of arguments that a client sends as an object. */
export function callArgumentsText(given: object | null | undefined): string {
  return JSON.stringify(given ?? {})
}
