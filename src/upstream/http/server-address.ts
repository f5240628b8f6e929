import { GatewayError } from '../../gateway-error.ts'

/** Where a server is, told from its configured url. */
export interface ServerAddress {
  readonly origin: string
  /** Before every route; empty for most servers. */
  readonly basePath: string
  /** Names the server in error messages. */
  readonly where: string
}

/**
 * A trailing `/v1` is accepted and ignored; `who` begins what names the server. Throws GatewayError
 * `config_invalid` for anything but http and https.
 */
export function serverAddress(text: string, who = 'The upstream'): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new GatewayError('config_invalid', `${who}'s url must start with http:// or https://.`)
  }
  const basePath = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return { origin: url.origin, basePath, where: `${who} at ${url.origin}${basePath}` }
}

/** A whole path at a server as the route that it is; one outside the server's base stays whole. */
export function routeOf(path: string, basePath: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path
}
