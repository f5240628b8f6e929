import type { z } from '@hono/zod-openapi'
import { GatewayError } from '../../gateway-error.ts'

/** The first problem that a schema found, as a refusal that names the field. Values never appear in it. */
export function invalidRequest({ issues }: z.ZodError): GatewayError {
  const issue = issues[0]
  const path = [...(issue?.path ?? [])]
  if (issue?.code === 'unrecognized_keys') path.push(...issue.keys.slice(0, 1))
  const param = fieldPath(path)
  const what = issue?.code === 'unrecognized_keys' ? 'there is no such field' : issue?.message
  const message = param === '' ? `The request body is invalid: ${what}.` : `Invalid ${param}: ${what}.`
  return new GatewayError('invalid_request', message, param === '' ? {} : { param })
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
