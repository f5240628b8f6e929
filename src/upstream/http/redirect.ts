import type { Dispatcher } from 'undici'
import { GatewayError } from '../../gateway-error.ts'

type Reply = Dispatcher.ResponseData

/** Where a request was sent. */
export interface RequestPlace {
  /** Without a path. */
  readonly origin: string
  /** The whole path at the server, and the query. */
  readonly path: string
}

export interface Redirectable extends RequestPlace {
  /** Names the server in error messages. */
  readonly where: string
  /** Whether the request may be sent again, as it is, where a redirect with this status points. */
  readonly mayFollow: (status: number) => boolean
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** One after another; more are a circle. */
const MOST_REDIRECTS = 5
/** Of a redirect's page, which nobody reads, so that its connection can be used again. */
const MAX_PAGE_BYTES = 64 * 2 ** 10

/**
 * Sends a request with `send`, and again wherever the same origin redirects it. Another origin gets neither
 * the request nor its key: then, and where `mayFollow` forbids it, the redirect itself is the reply. Throws
 * `upstream_invalid_reply` when redirects do not end.
 */
export async function followingRedirects(
  send: (path: string) => Promise<Reply>,
  { origin, path: first, where, mayFollow }: Redirectable,
): Promise<Reply> {
  let path = first
  for (let followed = 0; followed <= MOST_REDIRECTS; followed++) {
    const reply = await send(path)
    if (!redirectStatuses.has(reply.statusCode) || !mayFollow(reply.statusCode)) return reply
    const target = redirectTarget(reply, { origin, path })
    if (target?.origin !== origin) return reply
    path = target.pathname + target.search
    reply.body.dump({ limit: MAX_PAGE_BYTES }).catch(() => {})
  }
  const message = `${where} redirects a request in a circle, or more than ${MOST_REDIRECTS} times. Correct its url.`
  throw new GatewayError('upstream_invalid_reply', message)
}

/**
 * What to say of a redirect that was not followed; null for a reply that is none. Names the other origin, and
 * of its path no more than what a `url` needs: the rest may repeat the request.
 */
export function unfollowedRedirect(
  reply: Reply,
  { origin, where, path, route }: RequestPlace & { readonly where: string; readonly route: string },
): GatewayError | null {
  const { statusCode: status } = reply
  if (!redirectStatuses.has(status)) return null
  const target = redirectTarget(reply, { origin, path })
  const problem = (what: string) => new GatewayError('upstream_refused', `${where} ${what}`)
  if (target === null)
    return problem(`redirects (HTTP ${status}) and does not say where to. Correct its url.`)
  if (target.origin === origin) {
    return problem(`points to another page instead of answering (HTTP ${status}). Correct its url.`)
  }
  const base = target.pathname.endsWith(route) ? target.pathname.slice(0, -route.length) : ''
  return problem(
    `redirects to another server (HTTP ${status}), which gets no request and no API key unasked. If that is right, set url to ${target.origin}${base}.`,
  )
}

/** Where a redirect points; null when it does not say so with an address of the web. */
function redirectTarget({ headers }: Reply, { origin, path }: RequestPlace): URL | null {
  const location = [headers.location].flat()[0]
  // A path that begins with two slashes is no host.
  const asked = origin + path
  if (location === undefined || !URL.canParse(location, asked)) return null
  const target = new URL(location, asked)
  return /^https?:$/.test(target.protocol) ? target : null
}
