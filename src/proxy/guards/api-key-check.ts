import { createHash, timingSafeEqual } from 'node:crypto'
import type { HonoRequest, MiddlewareHandler } from 'hono'
import type { Config } from '../../config/schema.ts'
import { GatewayError } from '../../gateway-error.ts'
import { PAGE_PATH } from '../page-route.ts'
import type { AppEnv } from '../request/app-env.ts'
import { probePaths } from '../status-route.ts'

type ApiKey = Pick<Config['server']['keys'][number], 'key' | 'sha256'>

/** Paths that hold nothing worth a key: probes and the description of the API. */
const openPaths: ReadonlySet<string> = new Set([...probePaths, '/openapi.json'])

/** The key that a request sends, as OpenAI's clients send it, or as Anthropic's do. */
export function sentKey(request: Pick<HonoRequest, 'header'>): string | undefined {
  const bearer = request.header('authorization')?.match(/^bearer +(\S+) *$/i)?.[1]
  return bearer ?? request.header('x-api-key')?.match(/^\S+$/)?.[0]
}

/**
 * Asks for one of `keys` on every path but the open ones, matched or not. Without keys it lets everything
 * pass.
 */
export function apiKeyCheck(keys: readonly ApiKey[]): MiddlewareHandler<AppEnv> {
  const isAccepted = keyMatcher(keys)
  return async function checkApiKey(c, next) {
    if (keys.length > 0 && !openPaths.has(c.req.path) && !PAGE_PATH.test(c.req.path)) {
      const token = sentKey(c.req)
      if (token === undefined) {
        const message =
          'No API key was sent. Send one of the configured keys as "Authorization: Bearer KEY" or "x-api-key: KEY".'
        throw new GatewayError('invalid_api_key', message)
      }
      if (!isAccepted(token)) {
        throw new GatewayError(
          'invalid_api_key',
          'The API key that was sent is not one of the configured keys.',
        )
      }
    }
    await next()
  }
}

/** Whether a token is one of `keys`. Takes the same time whichever key matches, and none. */
export function keyMatcher(keys: readonly ApiKey[]): (token: string) => boolean {
  const accepted = keys.map(({ key, sha256: hex }) =>
    hex === undefined ? sha256(key ?? '') : Buffer.from(hex, 'hex'),
  )
  return (token) => {
    const digest = sha256(token)
    return accepted.reduce((found, candidate) => timingSafeEqual(digest, candidate) || found, false)
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
