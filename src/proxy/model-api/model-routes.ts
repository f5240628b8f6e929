// This room owns the choice of models over HTTP, for admins: which there are, fetching one, and having others
// answer. It must not know how any of that is done.
import { createRoute, type z } from '@hono/zod-openapi'
import type { Config } from '../../config/schema.ts'
import type { ModelChoices } from '../../gateway/choosing/model-choices.ts'
import { refusalOrFailure } from '../errors/error-schema.ts'
import { adminCheck, adminTest } from '../guards/admin-check.ts'
import { checkedBody } from '../profile-api/profile-content.ts'
import type { App } from '../request/app-env.ts'
import type { RunningRequests } from '../request/running-requests.ts'
import { unstored } from '../request/unstored.ts'
import {
  fetchRequestSchema,
  type ModelChoicesObject,
  modelChoicesSchema,
  serveRequestSchema,
} from './model-wire.ts'

const BASE = '/costeer/v1/models'
const security = [{ bearer: [] }]

function json<S extends z.ZodType>(schema: S) {
  return { 'application/json': { schema } }
}

function responses(status: 200 | 202, description: string) {
  return { [status]: { description, content: json(modelChoicesSchema) }, default: refusalOrFailure }
}

const paths = [
  createRoute({
    method: 'get',
    path: BASE,
    summary: 'Which models answer, which others could, and how far fetching or changing them is.',
    security,
    responses: responses(200, 'All of them.'),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/fetch`,
    summary: 'Begins to fetch a model of the catalogue.',
    security,
    request: { body: { required: true, content: json(fetchRequestSchema) } },
    responses: responses(202, 'It has begun.'),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/serve`,
    summary: 'Begins to have other models answer, until the gateway ends. Those before answer until then.',
    security,
    request: { body: { required: true, content: json(serveRequestSchema) } },
    responses: responses(202, 'It has begun.'),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/stop`,
    summary: 'Ends a fetch. What was received is kept.',
    security,
    responses: responses(200, 'It is ending, or nothing was under way.'),
  }),
]

export interface ModelRoutesOptions {
  readonly choices: Pick<ModelChoices, 'listing' | 'fetch' | 'serve' | 'stop'>
  readonly keys: Config['server']['keys']
  readonly running: RunningRequests
}

/** Routes below /costeer/v1/models. */
export function addModelRoutes(app: App, { choices, keys, running }: ModelRoutesOptions): void {
  for (const path of paths) app.openAPIRegistry.registerPath(path)
  app.use(`${BASE}/*`, adminCheck(adminTest(keys), 'Models'), unstored)
  const listing = async (): Promise<ModelChoicesObject> => choices.listing()
  app.get(BASE, async (c) => c.json(await listing()))
  app.post(`${BASE}/fetch`, async (c) => {
    const { model } = await checkedBody(c, fetchRequestSchema)
    await choices.fetch(model)
    return c.json(await listing(), 202)
  })
  app.post(`${BASE}/serve`, async (c) => {
    const choice = await checkedBody(c, serveRequestSchema)
    await choices.serve(choice, () => running.ended())
    return c.json(await listing(), 202)
  })
  app.post(`${BASE}/stop`, async (c) => {
    choices.stop()
    return c.json(await listing())
  })
}
