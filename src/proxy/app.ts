// This folder owns HTTP: routes, OpenAI's schemas and errors, streams, keys, limits and metrics. It must not
// know more of the gateway than its interface: no model, no prompt, and of profiles only the files that the
// profile API serves.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { getPath } from 'hono/utils/url'
import type { Logger } from 'pino'
import type { Config } from '../config/schema.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { answerHandler } from './answers/answer-handler.ts'
import { addChatRoute } from './answers/chat/chat-route.ts'
import { addCompletionRoute } from './answers/completions/completion-route.ts'
import { addMessageRoute } from './answers/messages/message-route.ts'
import { addTokenCountRoute } from './answers/messages/token-count-route.ts'
import { addOllamaRoutes } from './answers/ollama/ollama-routes.ts'
import { addResponseRoute } from './answers/responses/response-route.ts'
import { addCallerRoute } from './caller-route.ts'
import { errorBody } from './errors/error-form.ts'
import { failureReport } from './errors/failure-report.ts'
import { invalidRequest } from './errors/invalid-request.ts'
import { ProxyError } from './errors/proxy-error.ts'
import { addGuards } from './guards/add-guards.ts'
import type { Metrics } from './metrics/metrics.ts'
import { addModelRoutes, type ModelRoutesOptions } from './model-api/model-routes.ts'
import { addModelsRoute } from './models-route.ts'
import { addOpenApiRoute } from './openapi-route.ts'
import { addPageRoute } from './page-route.ts'
import { addPassthroughRoute } from './passthrough/passthrough-route.ts'
import { addProfilesRoute, type ProfileApiOptions } from './profile-api/profiles-route.ts'
import { RecentRequests } from './recent/recent-requests.ts'
import { addRequestsRoute } from './recent/requests-route.ts'
import { answerPath } from './request/answer-path.ts'
import type { App, AppContext } from './request/app-env.ts'
import { RunningRequests } from './request/running-requests.ts'
import { addSettingsRoute, type PublicFacts } from './settings-route.ts'
import { addStatusRoute } from './status-route.ts'
import { systemTimers, type Timers } from './timers.ts'

export interface AppOptions {
  readonly gateway: Gateway
  readonly server: Config['server']
  /** `profiles.user_headers` of the configuration; by default none. */
  readonly userHeaders?: readonly string[]
  readonly logger: Logger
  readonly metrics: Metrics
  /** Opens the profile API over these files. */
  readonly profiles?: ProfileApiOptions
  /** Opens the choice of models. */
  readonly choices?: ModelRoutesOptions['choices']
  /** What the playground may show of the configuration. */
  readonly facts?: PublicFacts
  /** The built playground. */
  readonly pageFolder?: string
  readonly timers?: Timers
}

/** The HTTP API over a gateway. Opens no port. */
export function createApp(options: AppOptions): App {
  const { gateway, server, logger, metrics, timers = systemTimers } = options
  const report = failureReport(logger)
  const app: App = new OpenAPIHono({
    getPath: (request) => {
      const path = getPath(request)
      return answerPath(path) ?? path
    },
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error)
    },
  })
  const fail = (error: unknown, c: AppContext) => {
    const { status, headers, body } = report(error, c.get('tracker'))
    return c.json(errorBody(c.req.path, body), status as ContentfulStatusCode, { ...headers })
  }
  app.onError(fail)
  app.notFound((c) => {
    const where = c.req.path.startsWith('/v1/')
      ? 'this URL here, and the model runs inside the gateway, which can chat, complete and respond. For other routes name a model that a server runs (upstreams in the configuration): they are passed on to it.'
      : 'this URL. The API lies below /v1.'
    return fail(new ProxyError('unknown_url', `There is no ${c.req.method} of ${where}`), c)
  })
  const recent = new RecentRequests()
  const running = new RunningRequests()
  addGuards(app, { server, logger, metrics, recent, running, timers, fail })

  const streaming = { keepAliveMs: server.keep_alive_ms, timers, report }
  const routing = { gateway, userHeaders: options.userHeaders ?? [], ...streaming }
  const answer = answerHandler(routing)
  const { profiles, choices, facts, pageFolder } = options
  const countProfiles = () => profiles?.store.list().length ?? 0
  addChatRoute(app, answer)
  addCompletionRoute(app, answer)
  addResponseRoute(app, answer)
  addMessageRoute(app, answer)
  addTokenCountRoute(app, routing)
  addOllamaRoutes(app, answer, gateway)
  addModelsRoute(app, gateway)
  addStatusRoute(app, { gateway, registry: metrics.registry })
  addCallerRoute(app, { gateway, userHeaders: routing.userHeaders })
  addSettingsRoute(app, { gateway, keys: server.keys, facts, countProfiles })
  addRequestsRoute(app, { recent, keys: server.keys })
  if (profiles !== undefined) addProfilesRoute(app, { ...profiles, keys: server.keys })
  if (choices !== undefined) addModelRoutes(app, { choices, keys: server.keys, running })
  if (pageFolder !== undefined) addPageRoute(app, pageFolder)
  addOpenApiRoute(app, { keyRequired: server.keys.length > 0 })
  addPassthroughRoute(app, routing)
  return app
}
