import { createRoute, z } from '@hono/zod-openapi'
import type { Config } from '../config/schema.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { refusalOrFailure } from './errors/error-schema.ts'
import { adminTest } from './guards/admin-check.ts'
import type { App } from './request/app-env.ts'

const modelSettingsSchema = z.object({
  id: z.string().describe('A name for the `model` field.'),
  upstream: z.string().nullable().describe('The large model behind it.'),
  configuredAs: z
    .string()
    .nullable()
    .describe('Name of that upstream in the configuration: models with the same one differ in name only.'),
  embedded: z.boolean().nullable().describe('Whether it runs in this process, for lack of a server.'),
  strength: z.number().nullable().describe('c_T of requests that name none.'),
})

const settingsSchema = z
  .object({
    version: z.string(),
    models: z.array(modelSettingsSchema),
    localModel: z.string().nullable(),
    profiles: z.object({
      count: z.int(),
      access: z.enum(['all', 'own']).describe('Whether the caller may read and change them all.'),
    }),
    keyRequired: z.boolean(),
  })
  .openapi('Settings')

export type Settings = z.infer<typeof settingsSchema>
export type ModelSettings = z.infer<typeof modelSettingsSchema>

/** Facts of the configuration that every caller may know. */
export interface PublicFacts {
  readonly version: string
  readonly localModel: string | null
  /** In the order of the gateway's models; models that are not listed are shown without facts. */
  readonly models: readonly ModelSettings[]
}

const settingsRoute = createRoute({
  method: 'get',
  path: '/costeer/v1/settings',
  summary: 'What the playground shows of the configuration.',
  security: [{ bearer: [] }],
  responses: {
    200: { description: 'Public facts.', content: { 'application/json': { schema: settingsSchema } } },
    default: refusalOrFailure,
  },
})

const unknownModel = { upstream: null, configuredAs: null, embedded: null, strength: null }

export interface SettingsRouteOptions {
  readonly gateway: Gateway
  readonly keys: Config['server']['keys']
  readonly facts: PublicFacts | undefined
  readonly countProfiles: () => number
}

/** GET /costeer/v1/settings. */
export function addSettingsRoute(
  app: App,
  { gateway, keys, facts, countProfiles }: SettingsRouteOptions,
): void {
  const isAdmin = adminTest(keys)
  const plain = (id: string): ModelSettings => ({ ...unknownModel, id })
  app.openapi(settingsRoute, (c) =>
    c.json(
      {
        version: facts?.version ?? 'unknown',
        localModel: facts?.localModel ?? null,
        models: gateway.models.map(({ id }) => facts?.models.find((model) => model.id === id) ?? plain(id)),
        profiles: {
          count: countProfiles(),
          access: isAdmin(c.req) ? ('all' as const) : ('own' as const),
        },
        keyRequired: keys.length > 0,
      },
      200,
    ),
  )
}
