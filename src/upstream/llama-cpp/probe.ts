import { GatewayError } from '../../gateway-error.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import { tokenIds } from '../../steer/token-id.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { modelName } from '../served/model-name.ts'
import { PROBE_TEXT } from '../served/probe-text.ts'
import { PROBED_TOKENS, REPEATING_TEXT } from '../served/streams-in-full.ts'
import { models, props } from './replies.ts'
import type { LlamaCppServer } from './server.ts'
import type { ServerPace } from './slots.ts'

const PROBE_CANDIDATES = 8
/** Some forty tokens. */
const paceText = 'one two three four five six seven eight nine ten '.repeat(4)

interface ServedFacts {
  readonly slots: number
  /** Rows of the model's output; null where the server does not tell. */
  readonly rows: number | null
  /** Of each slot. */
  readonly contextTokens: number
  readonly served: string
  /** Jinja source; older servers do not tell. */
  readonly chatTemplate: string | undefined
  /** The file that it runs, where it tells. */
  readonly modelPath: string | undefined
}

/** The server's own account of itself, and of the model of a name. Rejects with GatewayError `upstream_*`. */
export async function probeServer(
  endpoint: HttpEndpoint,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<ServedFacts> {
  const query = wanted === undefined ? '' : `?model=${encodeURIComponent(wanted)}`
  const told = await endpoint.get(`/props${query}`, props, signal)
  const { total_slots: slots, default_generation_settings: settings } = told
  const served = (await endpoint.get('/v1/models', models, signal)).data
  const names = served.flatMap((model) => [model.id, ...(model.aliases ?? [])])
  const model = modelName(wanted, names, endpoint.where)
  const meta = served.find((entry) => [entry.id, ...(entry.aliases ?? [])].includes(model))?.meta
  return {
    slots,
    rows: meta?.n_vocab ?? null,
    contextTokens: settings.n_ctx,
    served: model,
    chatTemplate: told.chat_template || undefined,
    modelPath: told.model_path || undefined,
  }
}

/**
 * Checks that the server returns the likeliest tokens, and tells whether its streams leave them out, as with
 * a draft model. Rejects with GatewayError `upstream_*`.
 */
export async function probeLogprobs(server: LlamaCppServer, signal: AbortSignal): Promise<boolean> {
  const prefix = tokenIds(await server.tokenize(PROBE_TEXT, signal))
  try {
    await server.distributions([prefix], PROBE_CANDIDATES, signal)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'upstream_invalid_reply') throw error
    throw new GatewayError(
      'upstream_incapable',
      `${server.where} does not return the likeliest tokens (n_probs): update llama.cpp.`,
    )
  }
  const repeated = tokenIds(await server.tokenize(REPEATING_TEXT, signal))
  const query = { candidates: PROBE_CANDIDATES, maxTokens: PROBED_TOKENS, sampling: greedy }
  for await (const event of server.events(repeated, query, signal)) {
    if (event.stop !== true && server.distributionOf(event, PROBE_CANDIDATES) === null) return true
  }
  return false
}

/** Behind the text of the pace: so many tokens that a checkpoint at its end is no near one. */
const furtherText = 'ten nine eight seven six five four three two one '.repeat(2)
/** Tokens that a step back may take: the one that differs, and a few before it. */
const CHEAP_TOKENS = 8
/** Somebody else's request may have taken the place in between. */
const ATTEMPTS = 2

/**
 * Whether the server reads much again where a prefix leaves what it has computed, by how many tokens it says
 * it has read: false where it does not tell. Rejects with GatewayError `upstream_*`.
 */
export async function probeReadsAgain(server: LlamaCppServer, signal: AbortSignal): Promise<boolean> {
  const read = async (text: string) =>
    server.tokensRead(tokenIds(await server.tokenize(text, signal)), signal)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await read(paceText + furtherText)
    const again = await read(`${paceText + furtherText.trimEnd().slice(0, -' one'.length)} eleven`)
    if (again === null || again <= CHEAP_TOKENS) return false
  }
  return true
}

/** What the server takes for a token; null when it does not tell. Rejects with GatewayError `upstream_*`. */
export async function probePace(server: LlamaCppServer, signal: AbortSignal): Promise<ServerPace | null> {
  return server.learnPace(tokenIds(await server.tokenize(paceText, signal)), signal)
}
