import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ProxyEnvironment } from './environment.ts'
import { traceObjectSchema } from './openai/trace-schema.ts'

/** Serves the description of all routes, made from their schemas, at /openapi.json. */
export function addOpenApiDocument(app: OpenAPIHono<ProxyEnvironment>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.openAPIRegistry.register('Trace', traceObjectSchema)
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'CoSteer gateway',
      version: '1',
      description: 'An OpenAI-compatible API whose answers a private profile steers on this machine.',
    },
  })
}
