import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createMetrics } from '../../../src/proxy/metrics/metrics.ts'
import { manualTimers } from '../app-under-test/manual-timers.ts'
import { end, later, text } from '../app-under-test/scripted-gateway.ts'
import { chatRequest, testApp } from '../app-under-test/test-app.ts'

test('a request leaves its counts and times', async () => {
  const timers = manualTimers()
  const { app, registry, logged } = testApp({
    script: {
      choices: [[later(timers, 40), text('a'), later(timers, 60), text('b'), end(3)]],
      promptTokens: 11,
    },
    timers,
  })
  await (await app.request(...chatRequest({ stream: true }))).text()
  const metrics = await registry.metrics()
  const labels = 'gen_ai_request_model="big",steering="on"'
  for (const line of [
    'costeer_requests_total{method="POST",route="/v1/chat/completions",status="200",steering="on",error_type=""} 1',
    'http_server_request_duration_seconds_sum{http_request_method="POST",http_route="/v1/chat/completions",http_response_status_code="200"} 0.1',
    `gen_ai_server_request_duration_seconds_sum{${labels},error_type=""} 0.1`,
    `gen_ai_server_time_to_first_token_seconds_sum{${labels}} 0.04`,
    `gen_ai_server_time_per_output_token_seconds_sum{${labels}} 0.03`,
    `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="input"} 11`,
    `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="output"} 3`,
    'http_server_active_requests 0',
  ]) {
    expect(metrics).toContain(line)
  }
  expect(JSON.parse(logged())).toMatchObject({
    level: 'info',
    msg: 'request completed',
    route: '/v1/chat/completions',
    status: 200,
    error: null,
    durationMs: 100,
    answer: {
      model: 'big',
      stream: true,
      steering: 'on',
      choices: 1,
      promptTokens: 11,
      completionTokens: 3,
      firstTextMs: 40,
      decodeMs: 60,
    },
  })
})

test('a stream that broke is told from one that ended', async () => {
  const { app, registry } = testApp({
    script: { choices: [[text('a'), { type: 'fail', error: new Error('x') }]] },
  })
  await (await app.request(...chatRequest({ stream: true }))).text()
  expect(await registry.metrics()).toContain('status="200",steering="on",error_type="internal_error"} 1')
})

test('a refused method counts as what it is', async () => {
  const { app, registry } = testApp({ script: { choices: [[]] } })
  await app.request('/v1/chat/completions', { method: 'PUT' })
  expect(await registry.metrics()).toContain(
    'status="405",steering="none",error_type="method_not_allowed"} 1',
  )
})

test('unknown paths and models share a label each', async () => {
  const { app, registry } = testApp({ script: { choices: [[text('a'), end(1)]] } })
  await app.request('/a')
  await app.request('/b')
  await app.request('/v1/a')
  await app.request('/v1/b')
  await (await app.request(...chatRequest({ model: 'made-up' }))).text()
  const metrics = await registry.metrics()
  for (const route of ['unmatched', '/v1/*']) {
    expect(metrics).toContain(`route="${route}",status="404",steering="none",error_type="unknown_url"} 2`)
  }
  expect(metrics).toContain('gen_ai_request_model="other"')
})

test('are served as text', async () => {
  const { app } = testApp({ script: { choices: [[]] } })
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toMatch('text/plain')
  expect(await response.text()).toContain('# TYPE costeer_requests_total counter')
})

test('lower layers feed counts through one callback', async () => {
  const registry = new Registry()
  const { decodeFinished, queriesInFlight, alignmentOpened } = createMetrics(registry)
  alignmentOpened({ upstream: 'a', mode: 'map', tokens: 0.25, shared: 0.25, probability: 0.9 })
  alignmentOpened({ upstream: 'b', mode: 'bytes', tokens: 1, shared: 0.5, probability: null })
  queriesInFlight(3)
  queriesInFlight(-1)
  decodeFinished({
    steeredTokens: 5,
    unsteeredTokens: 2,
    coveredMass: 4.5,
    uncertifiedSteps: 1,
    inFlightAtTokens: 15,
  })
  decodeFinished({ acceptedGuesses: 4, rejectedGuesses: 1, upstreamQueries: 9, cachedPrefillTokens: 100 })
  const metrics = await registry.metrics()
  for (const line of [
    'costeer_tokens_total{kind="steered"} 5',
    'costeer_tokens_total{kind="unsteered"} 2',
    'costeer_covered_mass_total 4.5',
    'costeer_alignment_coverage{upstream="a",of="tokens"} 0.25',
    'costeer_alignment_coverage{upstream="a",of="probability"} 0.9',
    'costeer_alignment_coverage{upstream="b",of="tokens"} 1',
    'costeer_uncertified_steps_total 1',
    'costeer_guesses_total{outcome="accepted"} 4',
    'costeer_guesses_total{outcome="rejected"} 1',
    'costeer_upstream_queries_total 9',
    'costeer_prefill_tokens_total{cache="hit"} 100',
    'costeer_upstream_queries_in_flight 2',
    'costeer_lookahead_queries_in_flight_sum 3',
    'costeer_lookahead_queries_in_flight_count 1',
  ]) {
    expect(metrics).toContain(line)
  }
})
