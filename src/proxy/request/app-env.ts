import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { RequestTracker } from './request-tracker.ts'

/**
 * What `listen` tells each request of the server that it came through; absent when the app is called
 * directly.
 */
export interface ServerState {
  /** Aborted when answers that still run must end. */
  readonly shutdown: AbortSignal
  /** True from the moment that the server accepts no new work. */
  readonly draining: boolean
}

/** Hono's environment of every route. */
export interface AppEnv {
  Bindings: { server?: ServerState }
  Variables: { requestId: string; tracker: RequestTracker }
}

export type App = OpenAPIHono<AppEnv>
export type AppContext = Context<AppEnv>
