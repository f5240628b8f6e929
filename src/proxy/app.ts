import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import type { Config } from '../config/schema.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { GatewayError } from '../gateway-error.ts'
import { answerHandler } from './answers/answer-handler.ts'
import { addAnswerRoutes } from './answers/answer-routes.ts'
import { type Clock, systemClock } from './clock.ts'
import { failureReport } from './errors/failure-report.ts'
import { invalidRequest } from './errors/invalid-request.ts'
import { ProxyError } from './errors/proxy-error.ts'
import { apiKeyCheck } from './guards/api-key-check.ts'
import { limitBody } from './guards/body-limit.ts'
import { hostCheck } from './guards/host-check.ts'
import type { Metrics } from './metrics/metrics.ts'
import { addModelRoutes } from './models-routes.ts'
import { addOpenApiDocument } from './openapi-document.ts'
import { addPage } from './page-files.ts'
import { addPassthroughRoutes } from './passthrough/passthrough-routes.ts'
import { addProfileRoutes, type ProfileApiOptions } from './profile-api/profile-routes.ts'
import type { ProxyEnvironment } from './request/proxy-environment.ts'
import { trackRequests } from './request/track-requests.ts'
import { addSettingsRoute, type PublicFacts } from './settings-route.ts'
import { addStatusRoutes } from './status-routes.ts'

export interface AppOptions {
  readonly gateway: Gateway
  readonly server: Config['server']
  readonly logger: Logger
  readonly metrics: Metrics
  /** Opens the profile API over these files. */
  readonly profiles?: ProfileApiOptions
  /** What the playground may show of the configuration. */
  readonly facts?: PublicFacts
  /** The built playground. */
  readonly pageFolder?: string
  /** Tells clients apart which models and settings gave an answer; the same for the same ones. */
  readonly systemFingerprint?: string
  readonly clock?: Clock
  readonly newId?: () => string
}

export type App = OpenAPIHono<ProxyEnvironment>

/** The HTTP API over a gateway. Opens no port. */
export function createApp(options: AppOptions): App {
  const { gateway, server, logger, metrics, systemFingerprint = 'costeer', clock = systemClock } = options
  const { newId = () => randomUUID().replaceAll('-', '') } = options
  const report = failureReport(logger)
  const app: App = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error)
    },
  })
  const fail = (error: unknown, c: Context<ProxyEnvironment>) => {
    const { status, headers, body } = report(error, c.get('tracker'))
    return c.json(body, status as ContentfulStatusCode, { ...headers })
  }
  app.onError(fail)
  app.notFound((c) => {
    const where = c.req.path.startsWith('/v1/')
      ? 'this URL here, and the model runs inside the gateway: there is no server to pass the request to.'
      : 'this URL. The API lies below /v1.'
    return fail(new ProxyError('unknown_url', `There is no ${c.req.method} of ${where}`), c)
  })
  addGuards(app, { server, logger, metrics, clock, fail })

  const streaming = { keepAliveMs: server.keep_alive_ms, clock, report }
  const answer = answerHandler({ gateway, systemFingerprint, newId, ...streaming })
  addAnswerRoutes(app, { answer, clock })
  addModelRoutes(app, gateway)
  addStatusRoutes(app, { gateway, registry: metrics.registry })
  const { profiles, facts, pageFolder } = options
  const countProfiles = () => profiles?.store.list().length ?? 0
  addSettingsRoute(app, { gateway, keys: server.keys, facts, countProfiles })
  if (profiles !== undefined) addProfileRoutes(app, { ...profiles, keys: server.keys })
  if (pageFolder !== undefined) addPage(app, pageFolder)
  addOpenApiDocument(app, { keyRequired: server.keys.length > 0 })
  addPassthroughRoutes(app, { gateway, ...streaming })
  return app
}

/** What every request passes before its route, in this order. */
function addGuards(
  app: App,
  {
    server,
    logger,
    metrics,
    clock,
    fail,
  }: Pick<AppOptions, 'server' | 'logger' | 'metrics'> & {
    clock: Clock
    fail: (error: unknown, c: Context<ProxyEnvironment>) => Response
  },
): void {
  app.use(requestId({ limitLength: 128 }))
  app.use(trackRequests({ logger, metrics, clock }))
  app.use(hostCheck(server))
  app.use(apiKeyCheck(server.keys))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const message = `This URL takes ${methods.join(', ')} only.`
        const response = fail(new ProxyError('method_not_allowed', message), c)
        response.headers.set('allow', methods.join(', '))
        return response
      },
    }),
  )
  app.use('/v1/*', async function refuseWhileDraining(c, next) {
    if (c.env?.server?.draining === true) {
      const message = 'The gateway is shutting down. Send the request again in a few seconds.'
      throw new GatewayError('shutting_down', message, { retryAfterSeconds: 5 })
    }
    await next()
  })
  app.use(limitBody(server.body_limit_bytes))
}
