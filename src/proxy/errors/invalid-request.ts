import type { z } from '@hono/zod-openapi'
import { GatewayError } from '../../gateway-error.ts'

/** The first problem that a schema found, as a refusal that names the field. Values never appear in it. */
export function invalidRequest({ issues }: z.ZodError): GatewayError {
  const issue = issues[0] && innermost(issues[0])
  const path = [...(issue?.path ?? [])]
  if (issue?.code === 'unrecognized_keys') path.push(...issue.keys.slice(0, 1))
  const param = fieldPath(path)
  const what = issue?.code === 'unrecognized_keys' ? 'there is no such field' : issue?.message
  const message = param === '' ? `The request body is invalid: ${what}.` : `Invalid ${param}: ${what}.`
  return new GatewayError('invalid_request', message, param === '' ? {} : { param })
}

/**
 * Of a value that fits none of several forms, the problem of the form that it comes closest to, where that is
 * one of a field inside of it.
 */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : innermost(first)))
  const closest = inner.reduce<z.core.$ZodIssue | null>(
    (best, one) => (one.path.length > (best?.path.length ?? 1) ? one : best),
    null,
  )
  return closest === null ? issue : { ...closest, path: [...issue.path, ...closest.path] }
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
