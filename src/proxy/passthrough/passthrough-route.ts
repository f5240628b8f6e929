import { z } from 'zod'
import type { Gateway } from '../../gateway/gateway.ts'
import { jsonMembers } from '../../upstream/passthrough/json-members.ts'
import { ProxyError } from '../errors/proxy-error.ts'
import type { App, AppContext } from '../request/app-env.ts'
import type { StreamOptions } from '../request/client-stream.ts'
import { guardedServer } from './guarded-server.ts'
import { passOn } from './pass-on.ts'

interface PassthroughRouteOptions extends StreamOptions {
  readonly gateway: Gateway
  /** `profiles.user_headers` of the configuration. */
  readonly userHeaders: readonly string[]
}

/** What decides where a request goes; a body that says nothing of it goes to the first model's server. */
const passedBody = z.object({
  model: z.string().min(1).nullish().catch(null),
  stream: z.boolean().nullish().catch(null),
  user: z.unknown().optional(),
  costeer: z.unknown().optional(),
})

/**
 * Every route below /v1 that is not the gateway's own: the server behind the model answers, where there is
 * one.
 */
export function addPassthroughRoute(
  app: App,
  { gateway, userHeaders, ...options }: PassthroughRouteOptions,
): void {
  app.all('/v1/*', async (c) => {
    checkPath(new URL(c.req.url).pathname)
    const { body, model, streamed, said } = await sentBody(c)
    const target = model ?? gateway.models[0]?.id
    const server = target === undefined ? null : gateway.upstreamOf(target).passthrough
    if (server === null) return c.notFound()
    const passthrough = guardedServer(c, { gateway, server, sent: said, userHeaders })
    const steering = { state: 'bypassed', reason: 'route' } as const
    return passOn({ c, passthrough, body, model, streamed, steering }, options)
  })
}

/** Servers that decode a path before they route it must not be led out of /v1. */
function checkPath(path: string): void {
  const segments = path.split(/\/|%2f/i)
  if (segments.some((segment) => /^(\.|%2e){1,2}$/i.test(segment)) || /\\|%5c|%00/i.test(path)) {
    throw new ProxyError('unknown_url', 'This URL is not passed on: its path is not a plain one.')
  }
}

interface SentBody {
  readonly body: Uint8Array | FormData | null
  readonly model: string | null
  readonly streamed: boolean
  /** What says who asks. */
  readonly said: unknown
}

async function sentBody(c: AppContext): Promise<SentBody> {
  const contentType = c.req.header('content-type') ?? ''
  if (/^multipart\/form-data\b/i.test(contentType)) {
    const form = await c.req.formData().catch(() => {
      throw new ProxyError('malformed_request', 'The request body is not a readable form.')
    })
    const { model } = passedBody.parse({ model: form.get('model') })
    const said = { user: form.get('user') }
    return { body: form, model: model ?? null, streamed: form.get('stream') === 'true', said }
  }
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  const body = bytes.length === 0 ? null : bytes
  const { model, stream, ...said } = passedBody.parse(membersOf(bytes))
  return { body, model: model ?? null, streamed: stream === true, said }
}

/**
 * The members of a JSON body that `passedBody` reads; the others, which may be many and deep, stay unread.
 */
function membersOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const wanted = (jsonMembers(text) ?? []).filter(({ name }) => Object.hasOwn(passedBody.shape, name))
  return Object.fromEntries(
    wanted.map(({ name, valueStart, end }) => [name, parsed(text.slice(valueStart, end))]),
  )
}

/** `json` holds bytes as characters. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(Buffer.from(json, 'latin1').toString('utf8'))
  } catch {
    return null
  }
}
