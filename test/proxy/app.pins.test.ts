import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import {
  chatCompletionChunkSchema,
  chatCompletionSchema,
} from '../../src/proxy/answers/chat/chat-response-schema.ts'
import {
  responseEventSchema,
  responseObjectSchema,
} from '../../src/proxy/answers/responses/response-object-schema.ts'
import { errorTable } from '../../src/proxy/errors/error-table.ts'
import { testApp } from './app-under-test/test-app.ts'

// What clients see: a change here is a change for them. Request fields stand in docs/request-fields.md.

const folder = mkdtempSync(join(tmpdir(), 'costeer-pins-'))
writeFileSync(join(folder, 'index.html'), '')
const store = await ProfileStore.open(folder, { watch: false })
const { app, registry } = testApp({ script: { choices: [[]] }, profiles: { store }, pageFolder: folder })
afterAll(() => rmSync(folder, { recursive: true }))

test('routes', () => {
  const routes = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  expect([...new Set(routes)]).toEqual([
    'POST /v1/chat/completions',
    'POST /v1/completions',
    'POST /v1/responses',
    'POST /v1/messages',
    'POST /v1/messages/count_tokens',
    'POST /api/chat',
    'POST /api/generate',
    'GET /api/tags',
    'GET /v1/models',
    'GET /v1/models/:id{.+}',
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /costeer/v1/caller',
    'GET /costeer/v1/settings',
    'GET /costeer/v1/requests',
    'GET /costeer/v1/profiles',
    'POST /costeer/v1/profiles',
    'GET /costeer/v1/profiles/:id',
    'PUT /costeer/v1/profiles/:id',
    'DELETE /costeer/v1/profiles/:id',
    'POST /costeer/v1/profiles/:id/imports',
    'POST /costeer/v1/profiles/:id/texts',
    'GET /costeer/v1/profiles/:id/texts',
    'DELETE /costeer/v1/profiles/:id/texts/:key',
    'GET /costeer/v1/profiles/:id/backups',
    'POST /costeer/v1/profiles/:id/restore',
    'POST /costeer/v1/profiles/:id/preview',
    'GET /',
    'GET /favicon.svg',
    'GET /assets/:file',
    'GET /openapi.json',
  ])
})

test('error codes with status and type', () => {
  const table = Object.entries(errorTable).map(([code, { status, type }]) => `${code} ${status} ${type}`)
  expect(table).toEqual([
    'config_invalid 500 server_error',
    'model_file_invalid 500 server_error',
    'model_unavailable 503 server_error',
    'profile_invalid 500 server_error',
    'profile_not_found 404 invalid_request_error',
    'local_model_failed 500 server_error',
    'upstream_unreachable 502 server_error',
    'upstream_refused 502 server_error',
    'upstream_invalid_reply 502 server_error',
    'upstream_incapable 502 server_error',
    'upstream_timeout 504 server_error',
    'vocabulary_mismatch 500 server_error',
    'invalid_request 400 invalid_request_error',
    'invalid_api_key 401 invalid_request_error',
    'model_not_found 404 invalid_request_error',
    'context_length_exceeded 400 invalid_request_error',
    'overloaded 429 rate_limit_error',
    'budget_spent 429 rate_limit_error',
    'shutting_down 503 server_error',
    'malformed_request 400 invalid_request_error',
    'host_not_allowed 403 permission_error',
    'origin_not_allowed 403 permission_error',
    'unknown_url 404 invalid_request_error',
    'method_not_allowed 405 invalid_request_error',
    'request_timeout 408 invalid_request_error',
    'request_too_large 413 invalid_request_error',
    'unsupported_media_type 415 invalid_request_error',
    'expectation_failed 417 invalid_request_error',
    'headers_too_large 431 invalid_request_error',
    'client_closed_request 499 invalid_request_error',
    'admin_key_required 403 permission_error',
    'profile_broken 422 invalid_request_error',
    'profile_exists 409 invalid_request_error',
    'profile_changed 412 invalid_request_error',
    'profiles_read_only 403 permission_error',
    'internal_error 500 server_error',
  ])
})

test('keys and events of responses', () => {
  expect(Object.keys(responseObjectSchema.shape)).toEqual([
    'id',
    'object',
    'created_at',
    'completed_at',
    'status',
    'background',
    'error',
    'incomplete_details',
    'instructions',
    'max_output_tokens',
    'metadata',
    'model',
    'output',
    'parallel_tool_calls',
    'previous_response_id',
    'reasoning',
    'store',
    'temperature',
    'text',
    'tool_choice',
    'tools',
    'top_logprobs',
    'top_p',
    'truncation',
    'usage',
    'user',
  ])
  expect(responseEventSchema.options.map(({ shape }) => shape.type.value)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.reasoning_text.delta',
    'response.reasoning_text.done',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
    'response.incomplete',
    'response.failed',
    'error',
  ])
})

test('response keys', () => {
  expect(Object.keys(chatCompletionSchema.shape)).toEqual([
    'id',
    'created',
    'model',
    'system_fingerprint',
    'object',
    'choices',
    'usage',
  ])
  expect(Object.keys(chatCompletionSchema.shape.choices.element.shape)).toEqual([
    'index',
    'message',
    'logprobs',
    'finish_reason',
  ])
  expect(Object.keys(chatCompletionChunkSchema.shape)).toEqual(Object.keys(chatCompletionSchema.shape))
  expect(Object.keys(chatCompletionChunkSchema.shape.choices.element.shape)).toEqual([
    'index',
    'delta',
    'logprobs',
    'finish_reason',
  ])
  expect(Object.keys(chatCompletionSchema.shape.usage.shape)).toEqual([
    'prompt_tokens',
    'completion_tokens',
    'total_tokens',
    'completion_tokens_details',
    'cost',
  ])
})

test('metric names', () => {
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual([
    'http_server_active_requests',
    'costeer_requests_total',
    'http_server_request_duration_seconds',
    'gen_ai_server_request_duration_seconds',
    'gen_ai_server_time_to_first_token_seconds',
    'gen_ai_server_time_per_output_token_seconds',
    'gen_ai_client_token_usage',
    'costeer_tokens_total',
    'costeer_covered_mass_total',
    'costeer_candidates_total',
    'costeer_uncertified_steps_total',
    'costeer_guesses_total',
    'costeer_leak_bits_total',
    'costeer_speculation_throttled_tokens_total',
    'costeer_upstream_queries_total',
    'costeer_prefill_tokens_total',
    'costeer_upstream_queries_in_flight',
    'costeer_spent_total',
    'costeer_priced_tokens_total',
    'costeer_alignment_coverage',
    'costeer_lookahead_queries_in_flight',
  ])
})
