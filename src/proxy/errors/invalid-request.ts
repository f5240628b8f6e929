import type { z } from '@hono/zod-openapi'
import { GatewayError } from '../../gateway-error.ts'

/** The first problem that a schema found, as a refusal that names the field. Values never appear in it. */
export function invalidRequest({ issues }: z.ZodError): GatewayError {
  const issue = issues[0] && innermost(issues[0])
  const path = [...(issue?.path ?? [])]
  if (issue?.code === 'unrecognized_keys') path.push(...issue.keys.slice(0, 1))
  const param = fieldPath(path)
  const what = issue === undefined ? 'it holds nothing that can be read' : problemOf(issue)
  const message = param === '' ? `The request body is invalid: ${what}.` : `Invalid ${param}: ${what}.`
  return new GatewayError('invalid_request', message, param === '' ? {} : { param })
}

/** In zod's words, without those that say that something is wrong. */
function problemOf({ code, message }: z.core.$ZodIssue): string {
  if (code === 'unrecognized_keys') return 'there is no such field'
  return message.replace(/^[A-Z]\w+ \w+: /, '').replace('received undefined', 'but there is none')
}

/**
 * Of a value that fits none of several forms, the problem of the form that it fits longest, where that is one
 * of a field inside of it.
 */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : innermost(first)))
  const furthest = inner.filter(({ path }) => inner.every((other) => comparePaths(path, other.path) >= 0))
  const [closest] = furthest
  if (closest === undefined || closest.path.length === 0) return issue
  // Where several forms fit as long, only all of them together say what is right.
  if (furthest.length > 1) return issue
  return { ...closest, path: [...issue.path, ...closest.path] }
}

/** Positive where `a` lies deeper than `b`, or later in a list; 0 where neither does. */
function comparePaths(a: readonly PropertyKey[], b: readonly PropertyKey[]): number {
  if (a.length !== b.length) return a.length - b.length
  const at = a.findIndex((key, index) => key !== b[index])
  return at === -1 ? 0 : Number(a[at]) - Number(b[at]) || 0
}

/** A refusal that says itself what is wrong with `param`. */
export function invalidField(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param })
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
