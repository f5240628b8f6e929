import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { MiddlewareHandler } from 'hono'
import type { App, AppEnv } from './request/app-env.ts'

/** Paths of the page: the same text for everyone, so no key is asked for. */
export const PAGE_PATH = /^\/(?:assets\/[\w.-]+|favicon\.svg)?$/

const headers = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

/** Serves the built playground from a folder, at `/`. Without the folder nothing is served. */
export function addPageRoute(app: App, folder: string): void {
  if (!existsSync(join(folder, 'index.html'))) return
  const files = serveStatic<AppEnv>({ root: folder })
  app.get('/', pageHeaders('no-cache'), files)
  app.get('/favicon.svg', pageHeaders('public, max-age=86400'), files)
  // Their names hold a hash of what is in them.
  app.get('/assets/:file', pageHeaders('public, max-age=31536000, immutable'), files)
}

function pageHeaders(cacheControl: string): MiddlewareHandler<AppEnv> {
  return async function setPageHeaders(c, next) {
    await next()
    if (!c.res.ok) return
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
    c.res.headers.set('cache-control', cacheControl)
  }
}
