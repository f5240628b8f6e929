import { GatewayError } from '../../gateway-error.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { checkedReply, errorDetailsOf } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { UpstreamRefusal } from '../http/upstream-refusal.ts'
import { requireWindow } from '../served/limits.ts'
import { modelName } from '../served/model-name.ts'
import { PROBE_TEXT } from '../served/probe-text.ts'
import { RUN_TO_RUN_NATS } from '../served/run-to-run.ts'
import { PROBED_TOKENS, REPEATING_TEXT, tellsInFull } from '../served/streams-in-full.ts'
import { probeTexts } from '../served/vocabulary-probe.ts'
import type { PromptText } from './prompt-text.ts'
import { completion, models } from './replies.ts'
import type { CompletionsQuery, CompletionsServer } from './server.ts'
import type { TextServer } from './text-server.ts'

/** Of names and the texts of their ids; two names of one log-probability may stand for each other. */
const ALIKE = 0.8
const PROBE_WORDS = 'Foxes learn how to sail'
/** What the servers of this API are known to allow. */
const usualLimits = [100, 20, 11, 10, 5, 1]

/** The served model's name and window. Rejects with GatewayError `upstream_*`. */
export async function probeModel(
  endpoint: HttpEndpoint,
  wanted: { readonly model: string | undefined; readonly contextTokens: number | undefined },
  signal: AbortSignal,
): Promise<{ model: string; contextTokens: number }> {
  const served = (await endpoint.get('/v1/models', models, signal)).data
  const names = served.map((entry) => entry.id)
  const model = modelName(wanted.model, names, endpoint.where)
  const entry = served.find(({ id }) => id === model)
  const told = wanted.contextTokens ?? entry?.max_model_len ?? entry?.meta?.n_ctx
  return { model, contextTokens: requireWindow(told, endpoint.where) }
}

/**
 * The largest number of candidates that the server returns, at most `wanted`. Rejects with GatewayError
 * `upstream_*`.
 */
export async function probeCandidates(
  server: CompletionsServer,
  wanted: number,
  signal: AbortSignal,
): Promise<number> {
  for (const way of ['completions', 'chat'] as const) {
    server.asksAs = way
    for (const candidates of [wanted, ...usualLimits.filter((limit) => limit < wanted)]) {
      const reply = await tried(server, { candidates, maxTokens: 1, sampling: greedy }, signal)
      if (reply === null || errorDetailsOf(reply) !== null) continue
      const { choices } = checkedReply(completion, reply, server.where)
      const returned = choices[0]?.logprobs?.[0]?.top.length ?? 0
      // A server may return fewer without a word, and texts of several tokens fall together.
      if (returned > 0) return returned < candidates / 2 ? returned : candidates
    }
  }
  throw new GatewayError(
    'upstream_incapable',
    `${server.where} returns no log-probabilities from /v1/completions.`,
  )
}

/** The reply to a query; null where the server closes the connection instead, as MLX-LM refuses. */
async function tried(
  server: CompletionsServer,
  query: CompletionsQuery,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await server.tryComplete(PROBE_TEXT, query, signal)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'upstream_unreachable') return null
    throw error
  }
}

/**
 * Whether the server names tokens by ids of this vocabulary: its names beside them are the same tokens'
 * texts, or how vocabularies write these. Rejects with GatewayError `upstream_*`.
 */
export async function probeNames(
  server: CompletionsServer,
  { vocabulary, candidates }: { readonly vocabulary: Vocabulary; readonly candidates: number },
  signal: AbortSignal,
): Promise<boolean> {
  const query = { candidates, maxTokens: 1, sampling: greedy }
  const { choices } = await server.complete([PROBE_TEXT], query, signal)
  const named = (choices[0]?.logprobs?.[0]?.top ?? []).flatMap(({ token: { text, id } }) =>
    id === null || id === undefined ? [] : [{ text, id }],
  )
  if (named.length === 0 || !named.every(({ id }) => id < vocabulary.size)) return false
  const texts = named.map(({ text, id }) => [written(text), textOf(vocabulary.bytes(tokenId(id)))] as const)
  const plain = texts.filter(([told, own]) => told !== '\ufffd' && /^[ -~\n]+$/.test(own))
  const same = plain.filter(([told, own]) => told === own)
  return plain.length > 0 && same.length >= ALIKE * plain.length
}

/** A name as a text: vocabularies write spaces and line breaks as other characters. */
function written(name: string): string {
  return name.replace(/[\u0120\u2581]/g, ' ').replace(/\u010a/g, '\n')
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Whether a request may hold several prompts. Rejects with GatewayError `upstream_*`. */
export async function probeLists(server: CompletionsServer, signal: AbortSignal): Promise<boolean> {
  const query = { candidates: 1, maxTokens: 1, sampling: greedy }
  const sent = await server.tryCompleteAll([PROBE_TEXT, PROBE_WORDS], query, signal).catch(unlessRefused)
  return completion.safeParse(sent).data?.choices.length === 2
}

/** Null for a refusal, as of servers that have no such prompts. */
function unlessRefused(error: unknown): null {
  const isCut = error instanceof GatewayError && error.code === 'upstream_unreachable'
  if (isCut || (error instanceof UpstreamRefusal && error.status !== 401)) return null
  throw error
}

export interface CountingServer {
  readonly where: string
  /** Tokens of a text as a prompt; null where the server does not tell. */
  promptTokens(text: string, signal: AbortSignal): Promise<number | null>
}

/**
 * Checks that the server counts as many tokens in sample texts as the local tokenizer: text prompts leave no
 * other way to compare vocabularies. Rejects with GatewayError `vocabulary_mismatch` or `upstream_incapable`.
 */
export async function probeCounts(
  server: CountingServer,
  { tokenizer, promptText }: { readonly tokenizer: Tokenizer; readonly promptText: PromptText },
  signal: AbortSignal,
): Promise<void> {
  const chat = tokenizer.encodeChat([{ role: 'user', content: 'Hello there' }])
  const samples: { text: string; ids: readonly TokenId[] }[] = probeTexts.map((text) => ({
    text,
    ids: tokenizer.encodePrompt(text),
  }))
  samples.push({ text: promptText.write(chat), ids: chat })
  for (const { text, ids } of samples) {
    const counted = await server.promptTokens(text, signal)
    if (counted === null) {
      throw new GatewayError('upstream_incapable', `${server.where} does not count prompt tokens (usage).`)
    }
    if (counted === ids.length) continue
    throw new GatewayError(
      'vocabulary_mismatch',
      `${server.where} and the local model have different vocabularies (${counted} tokens there, ${ids.length} here for a sample): choose a local model of the same family as the upstream's, or set alignment: map (or bytes) with the upstream's tokenizer.`,
    )
  }
}

/**
 * Whether the server takes prompts in token ids as they are. Some make a text of them and cut that their own
 * way: letters one by one tell. Rejects with GatewayError `upstream_*`.
 */
export async function probeIds(
  server: CompletionsServer,
  tokenizer: Tokenizer,
  signal: AbortSignal,
): Promise<boolean> {
  const letters = [...PROBE_WORDS].flatMap((letter) => tokenizer.encode(letter))
  const ids = [...tokenizer.promptStart, ...letters]
  if (ids.length <= tokenizer.encodePrompt(PROBE_WORDS).length) return false
  const query = { candidates: 1, maxTokens: 1, sampling: greedy }
  const reply = await server.tryComplete(ids, query, signal).catch(unlessRefused)
  return completion.safeParse(reply).data?.usage?.prompt_tokens === ids.length
}

interface SampleOptions {
  readonly tokenizer: Tokenizer
  readonly candidates: number
}

/** Whether the server divides log-probabilities by the temperature. */
export async function probeScaling(
  server: TextServer,
  { tokenizer, candidates }: SampleOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const prompt = tokenizer.encodePrompt(PROBE_TEXT)
  const [plain] = await server.distributions([prompt], candidates, signal)
  const sampling = { temperature: 0.5, topP: 1, topK: 0, seed: 0 }
  for await (const step of server.stream(prompt, { candidates, maxTokens: 1, sampling }, signal)) {
    return plain !== undefined && step.distribution !== null && differs(plain, step.distribution)
  }
  return false
}

/** Whether a stream tells candidates of each token; of one that tells the best alone nobody knows. */
export async function probeStream(
  server: TextServer,
  { tokenizer, candidates }: SampleOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (candidates < 2) return true
  const query = { candidates, maxTokens: PROBED_TOKENS, sampling: greedy }
  return tellsInFull(server.stream(tokenizer.encodePrompt(REPEATING_TEXT), query, signal))
}

/** Whether a forced token leaves the log-probabilities as they are. */
export async function probeForcing(
  server: CompletionsServer,
  { tokenizer, candidates, forced }: SampleOptions & { readonly forced: TokenId },
  signal: AbortSignal,
): Promise<boolean> {
  const prompt = tokenizer.encodePrompt(PROBE_TEXT)
  const [plain] = await server.distributions([prompt], candidates, signal)
  const query = { candidates, maxTokens: 1, sampling: greedy, forced }
  const parsed = completion.safeParse(await server.tryComplete(PROBE_TEXT, query, signal))
  const position = parsed.data?.choices[0]?.logprobs?.[0]
  if (position === undefined || plain === undefined) return false
  const forcedly = server.named.distributionAt(prompt, position, candidates)
  return forcedly !== null && !differs(plain, forcedly)
}

/** Whether the likelier half of one distribution has other log-probabilities in the other, beyond noise. */
export function differs(left: Distribution, right: Distribution): boolean {
  const byId = new Map([...right.ids].map((id, rank) => [id, right.logprobs[rank] ?? 0]))
  return [...left.ids].some((id, rank) => {
    const logprob = left.logprobs[rank] ?? 0
    return (
      Math.abs((byId.get(id) ?? Number.NEGATIVE_INFINITY) - logprob) > RUN_TO_RUN_NATS &&
      rank < left.ids.length / 2
    )
  })
}
