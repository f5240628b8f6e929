import type { MiddlewareHandler } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { ProxyError } from '../errors/proxy-error.ts'
import type { App, AppContext, AppEnv } from '../request/app-env.ts'

/** Refuses methods that a URL of ours does not take, and names those that it does. */
export function methodCheck(
  app: App,
  fail: (error: unknown, c: AppContext) => Response,
): MiddlewareHandler<AppEnv> {
  return methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const message = `This URL takes ${methods.join(', ')} only.`
      const response = fail(new ProxyError('method_not_allowed', message), c)
      response.headers.set('allow', methods.join(', '))
      return response
    },
  })
}
