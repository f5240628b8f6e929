import { GatewayError } from '../../gateway-error.ts'
import { type TokenId, tokenIds } from '../../steer/token-id.ts'
import { errorDetailsOf } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { modelName } from '../served/model-name.ts'
import { PROBE_TEXT } from '../served/probe-text.ts'
import { RUN_TO_RUN_NATS } from '../served/run-to-run.ts'
import { keyedTokenId, models } from './replies.ts'
import type { VllmServer } from './server.ts'

/** More than any vocabulary has: the refusal names the largest number that is allowed. */
const ABSURD_CANDIDATES = 100_000_000

/** The served model's name and window. Rejects with GatewayError `upstream_*`. */
export async function probeModel(
  endpoint: HttpEndpoint,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<{ model: string; contextTokens: number }> {
  const served = (await endpoint.get('/v1/models', models, signal)).data
  const model = modelName(
    wanted,
    served.map((entry) => entry.id),
    endpoint.where,
  )
  const contextTokens = served.find((entry) => entry.id === model)?.max_model_len
  if (contextTokens !== null && contextTokens !== undefined) return { model, contextTokens }
  throw new GatewayError(
    'upstream_incapable',
    `${endpoint.where} does not tell its context length (max_model_len): check that it is vLLM.`,
  )
}

/**
 * The largest `logprobs` that the server answers (`--max-logprobs`). Rejects with GatewayError `upstream_*`.
 */
export async function probeMaxCandidates(
  endpoint: HttpEndpoint,
  { model, signal }: { readonly model: string; readonly signal: AbortSignal },
): Promise<number> {
  const allows = async (logprobs: number): Promise<number> => {
    const body = { model, prompt: [0], max_tokens: 1, temperature: 0, logprobs }
    const reply = await endpoint.postRefusable('/v1/completions', body, signal)
    const message = errorDetailsOf(reply)?.message
    if (message === undefined || message === null) return logprobs
    return Number(/max allowed: (\d+)/.exec(message)?.[1] ?? 0)
  }
  const named = await allows(ABSURD_CANDIDATES)
  if (named > 0 && named < ABSURD_CANDIDATES) return named
  for (const likely of [1_000, 100, 20, 10, 5]) {
    if ((await allows(likely)) === likely) return likely
  }
  throw new GatewayError(
    'upstream_incapable',
    `${endpoint.where} does not return the likeliest tokens: start vLLM with --max-logprobs 100 or more.`,
  )
}

/**
 * Checks that replies carry ids and untouched log-probabilities. Rejects with GatewayError
 * `upstream_incapable`.
 */
export async function probeLogprobs(
  server: VllmServer,
  candidates: number,
  signal: AbortSignal,
): Promise<void> {
  const incapable = (what: string): GatewayError =>
    new GatewayError('upstream_incapable', `${server.where} ${what}`)
  const prefix = tokenIds(await server.tokenize(PROBE_TEXT, signal))
  const top = await topAt(server, prefix, { candidates, temperature: 1 }, signal)
  if (top === null) {
    throw incapable('does not return token ids with log-probabilities (return_token_ids): update vLLM.')
  }
  const mass = [...top.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0)
  if (!(mass < 1.01)) {
    throw incapable('returns no log-probabilities: start vLLM with --logprobs-mode raw_logprobs.')
  }
  const cooler = await topAt(server, prefix, { candidates, temperature: 0.5 }, signal)
  for (const [id, logprob] of cooler ?? []) {
    if (Math.abs(logprob - (top.get(id) ?? logprob)) > RUN_TO_RUN_NATS) {
      throw incapable(
        'returns log-probabilities after sampling settings: start vLLM with --logprobs-mode raw_logprobs.',
      )
    }
  }
}

/** Log-probabilities by id at one position; null when the reply has no ids. */
async function topAt(
  server: VllmServer,
  prefix: readonly TokenId[],
  query: { readonly candidates: number; readonly temperature: number },
  signal: AbortSignal,
): Promise<Map<number, number> | null> {
  const sampling = { temperature: query.temperature, topP: 1, topK: 0, seed: 0 }
  const { candidates } = query
  const { choices } = await server.complete([prefix], { candidates, maxTokens: 1, sampling }, signal)
  const top = choices[0]?.logprobs?.top_logprobs?.[0]
  if (choices[0]?.token_ids?.length !== 1 || top === null || top === undefined) return null
  const byId = new Map<number, number>()
  for (const [key, logprob] of Object.entries(top)) {
    const id = keyedTokenId(key)
    if (id === undefined) return null
    byId.set(id, Number(logprob))
  }
  return byId
}
