import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { refusalOrFailure } from '../errors/error-schema.ts'
import {
  backupListSchema,
  previewRequestSchema,
  previewSchema,
  profileListSchema,
  profileVersionSchema,
  restoreRequestSchema,
  wireProfileSchema,
} from './profile-wire.ts'
import {
  addedTextsSchema,
  addTextsRequestSchema,
  importPreviewSchema,
  importQuerySchema,
  storedTextsSchema,
  textsQuerySchema,
} from './texts-wire.ts'

type Registry = OpenAPIHono['openAPIRegistry']

function json<S extends z.ZodType>(schema: S) {
  return { 'application/json': { schema } }
}
const profileBody = {
  required: true,
  content: { ...json(wireProfileSchema), 'application/yaml': { schema: z.string() } },
}
const fileBody = z.string().openapi({ format: 'binary' })
const params = z.object({ id: z.string() })
const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .describe('The etag that the change is made to; refused with 412 if it is no longer current.'),
})
const BASE = '/costeer/v1/profiles'
const security = [{ bearer: [] }]
function ok<S extends z.ZodType>(description: string, schema: S) {
  return {
    200: { description, content: json(schema) },
    default: refusalOrFailure,
  }
}

const paths = [
  createRoute({
    method: 'get',
    path: BASE,
    summary: 'All profiles, with what is wrong with their files, and those that were deleted.',
    security,
    responses: ok('All of them.', profileListSchema),
  }),
  createRoute({
    method: 'post',
    path: BASE,
    summary: 'Creates a profile.',
    security,
    request: { body: profileBody },
    responses: {
      201: { description: 'Created.', content: json(profileVersionSchema) },
      default: refusalOrFailure,
    },
  }),
  createRoute({
    method: 'get',
    path: `${BASE}/{id}`,
    summary: 'One profile; with `Accept: application/yaml` its file as it stands.',
    security,
    request: { params },
    responses: {
      200: {
        description: 'The profile, with its etag.',
        content: { ...json(wireProfileSchema), 'application/yaml': { schema: z.string() } },
      },
      default: refusalOrFailure,
    },
  }),
  createRoute({
    method: 'put',
    path: `${BASE}/{id}`,
    summary: 'Changes a profile; comments of its file stay.',
    security,
    request: { params, headers: ifMatch, body: profileBody },
    responses: ok('Changed.', profileVersionSchema),
  }),
  createRoute({
    method: 'delete',
    path: `${BASE}/{id}`,
    summary: 'Moves a profile to the backups.',
    security,
    request: { params, headers: ifMatch },
    responses: ok('Deleted.', profileVersionSchema),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/{id}/imports`,
    summary:
      'What could be imported from a file: exports of ChatGPT, Claude or Open WebUI, mail, texts; or a zip.',
    security,
    request: {
      params,
      query: importQuerySchema.partial({ from: true }),
      body: { required: true, content: { 'application/octet-stream': { schema: fileBody } } },
    },
    responses: ok('What was found; nothing is changed.', importPreviewSchema),
  }),
  createRoute({
    method: 'get',
    path: `${BASE}/{id}/texts`,
    summary: 'The past texts of a profile.',
    security,
    request: { params, query: textsQuerySchema },
    responses: ok('Some of them.', storedTextsSchema),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/{id}/texts`,
    summary: 'Adds the texts and facts that a profile lacks.',
    security,
    request: { params, body: { required: true, content: json(addTextsRequestSchema) } },
    responses: ok('What was added.', addedTextsSchema),
  }),
  createRoute({
    method: 'delete',
    path: `${BASE}/{id}/texts/{key}`,
    summary: 'Takes a text out of a profile.',
    security,
    request: { params: params.extend({ key: z.string() }) },
    responses: ok('Taken out.', profileVersionSchema),
  }),
  createRoute({
    method: 'get',
    path: `${BASE}/{id}/backups`,
    summary: 'Earlier versions, newest first.',
    security,
    request: { params },
    responses: ok('All of them.', backupListSchema),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/{id}/restore`,
    summary: 'Puts an earlier version in place, also of a deleted profile.',
    security,
    request: { params, body: { content: json(restoreRequestSchema) } },
    responses: ok('Restored.', profileVersionSchema),
  }),
  createRoute({
    method: 'post',
    path: `${BASE}/{id}/preview`,
    summary: 'The private messages that the local model gets before a query.',
    security,
    request: { params, body: { required: true, content: json(previewRequestSchema) } },
    responses: ok('The messages.', previewSchema),
  }),
]

/** Describes the profile API in the OpenAPI document. */
export function registerProfilePaths(registry: Registry): void {
  for (const path of paths) registry.registerPath(path)
}
