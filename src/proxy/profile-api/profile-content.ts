import type { Context } from 'hono'
import { GatewayError } from '../../gateway-error.ts'
import { parseProfile } from '../../profiles/files/parse-profile.ts'
import { profileSchema } from '../../profiles/profile.ts'
import { formatProblem } from '../../profiles/profile-problem.ts'
import { invalidRequest } from '../errors/invalid-request.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { ProfileContent } from './profile-files.ts'

const YAML_TYPES = /^(?:application|text)\/(?:x-)?yaml\b/i
export const YAML_TYPE = 'application/yaml; charset=utf-8'

/** Whether a content type or `Accept` header asks for the file's own text. */
export function meansYaml(header: string | undefined): boolean {
  return YAML_TYPES.test(header ?? '')
}

/**
 * The profile in a request's body, JSON or YAML. Throws `invalid_request` with what is wrong, never with the
 * values.
 */
export async function profileContent(c: Context): Promise<ProfileContent> {
  const type = c.req.header('content-type')
  if (!meansYaml(type)) return { profile: await checkedBody(c, profileSchema), source: null }
  const source = await c.req.text()
  const parsed = parseProfile(source, 'profile')
  if (parsed.ok) return { profile: parsed.profile, source }
  const message = parsed.problems.map(formatProblem).join('\n')
  const key = parsed.problems[0]?.key ?? null
  throw new GatewayError('invalid_request', message, key === null ? {} : { param: key })
}

/** A JSON body that fits a schema. An absent body counts as an empty object. */
export async function checkedBody<T>(c: Context, schema: BodySchema<T>): Promise<T> {
  const type = c.req.header('content-type') ?? ''
  const text = await c.req.text()
  if (text !== '' && !/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    throw new ProxyError('unsupported_media_type', 'Send the body as application/json or application/yaml.')
  }
  const checked = schema.safeParse(text === '' ? {} : parsedJson(text))
  if (checked.success) return checked.data
  throw invalidRequest(checked.error)
}

export interface BodySchema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: Parameters<typeof invalidRequest>[0] }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProxyError('malformed_request', 'The request body is not valid JSON.')
  }
}
