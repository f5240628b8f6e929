import { GatewayError } from '../../gateway-error.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { differs } from '../completions/probe.ts'
import { errorDetailsOf } from '../http/endpoint-failure.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { UpstreamRefusal } from '../http/upstream-refusal.ts'
import { requireWindow } from '../served/limits.ts'
import { modelName } from '../served/model-name.ts'
import { type Continuation, continuations } from './continuation.ts'
import { chatReply, models } from './replies.ts'
import type { ChatPrefixServer } from './server.ts'

/** What the chat API of most services allows, and what some of them do. */
const usualLimits = [20, 8, 5, 1]
const counting = [{ role: 'user', content: 'Count from 1 to 9.' }]
const COUNTED = '1, 2, 3, 4, 5, 6, 7,'
/** Behind a sentence that says it all a model ends. */
const saying = [{ role: 'user', content: 'Say "yes" and nothing else.' }]

/** The model's name and window, which services need not tell. Rejects with GatewayError `upstream_*`. */
export async function probeModel(
  endpoint: HttpEndpoint,
  wanted: { readonly model: string | undefined; readonly contextTokens: number | undefined },
  signal: AbortSignal,
): Promise<{ model: string; contextTokens: number }> {
  if (wanted.model !== undefined && wanted.contextTokens !== undefined)
    return { model: wanted.model, contextTokens: wanted.contextTokens }
  const served = (await endpoint.get('/v1/models', models, signal)).data
  const names = served.map(({ id }) => id)
  const model = modelName(wanted.model, names, endpoint.where)
  const entry = served.find(({ id }) => id === model)
  const told = wanted.contextTokens ?? entry?.max_model_len ?? entry?.context_length ?? entry?.meta?.n_ctx
  return { model, contextTokens: requireWindow(told, endpoint.where) }
}

/**
 * Finds out how the service is told to go on with an answer, and that it then neither answers anew nor loses
 * spaces at the end. Rejects with GatewayError `upstream_incapable`.
 */
export async function probeContinuation(
  server: ChatPrefixServer,
  signal: AbortSignal,
): Promise<Continuation> {
  let continues = false
  for (const way of continuations) {
    server.continuation = way
    if (!/^\s*8/.test(await written(server, COUNTED, signal))) continue
    continues = true
    if (/^8/.test(await written(server, `${COUNTED} `, signal))) return way
  }
  const failure = continues
    ? 'loses spaces at the end of an answer that it is to go on with, so that tokens behind them cannot be asked for'
    : 'answers anew where it is to go on with the beginning of an answer'
  const advice = continues
    ? "Use the server's own kind, such as vllm or sglang, or another service."
    : 'Take a service and a model that continue an assistant message, set chat_path where that is another route (DeepSeek: /beta/chat/completions), and switch thinking off by request_fields.'
  throw new GatewayError('upstream_incapable', `${server.where} ${failure}. ${advice}`)
}

/** The text with which it goes on; empty where it refuses to. */
async function written(server: ChatPrefixServer, answer: string, signal: AbortSignal): Promise<string> {
  const query = { candidates: 1, maxTokens: 4, sampling: greedy }
  const chat = { messages: counting, answer }
  const sent = await server.tryAsk(chat, query, signal).catch((error: unknown) => {
    if (error instanceof UpstreamRefusal && error.status === 422) return null
    throw error
  })
  const [choice] = chatReply.safeParse(sent).data?.choices ?? []
  if (choice?.logprobs?.some(({ top }) => top.length === 0)) server.tellsInFull = false
  const names = choice?.logprobs?.map(({ token }) => token.text)
  // Some repeat the beginning in their text, which only the names leave out
  return names === undefined ? (choice?.message.content ?? '') : names.join('')
}

/** The largest number of candidates that come back, at most `wanted`. Rejects with GatewayError. */
export async function probeCandidates(
  server: ChatPrefixServer,
  wanted: number,
  signal: AbortSignal,
): Promise<number> {
  const chat = { messages: counting, answer: COUNTED }
  for (const candidates of [wanted, ...usualLimits.filter((limit) => limit < wanted)]) {
    const reply = await server.tryAsk(chat, { candidates, maxTokens: 1, sampling: greedy }, signal)
    if (errorDetailsOf(reply) !== null) continue
    const returned = chatReply.safeParse(reply).data?.choices[0]?.logprobs?.[0]?.top.length ?? 0
    if (returned > 0) return Math.min(returned, candidates)
  }
  throw new GatewayError(
    'upstream_incapable',
    `${server.where} returns no log-probabilities from its chat route. Take another service, or another of its models.`,
  )
}

/** How the service writes the token that ends an answer; null where it does not tell it. */
export async function probeEnd(
  server: ChatPrefixServer,
  candidates: number,
  signal: AbortSignal,
): Promise<string | null> {
  const query = { candidates, maxTokens: 8, sampling: greedy }
  const [choice] = (await server.ask({ messages: saying, answer: 'Yes' }, query, signal)).choices
  if (choice?.finish_reason !== 'stop') return null
  const content = choice.message.content ?? ''
  const names = (choice.logprobs ?? []).map(({ token }) => token.text)
  const last = names.at(-1)
  if (last === undefined || last === '') return null
  return content.endsWith(names.slice(0, -1).join('')) && !content.endsWith(names.join('')) ? last : null
}

/** Whether the service divides log-probabilities by the temperature. */
export async function probeScaling(
  server: ChatPrefixServer,
  { prompt, candidates }: { readonly prompt: readonly TokenId[]; readonly candidates: number },
  signal: AbortSignal,
): Promise<boolean> {
  const [plain] = await server.distributions([prompt], candidates, signal)
  const sampling = { temperature: 0.5, topP: 1, topK: 0, seed: 0 }
  for await (const step of server.stream(prompt, { candidates, maxTokens: 1, sampling }, signal))
    return areDifferent(plain, step.distribution)
  return false
}

function areDifferent(plain: Distribution | undefined, scaled: Distribution | null): boolean {
  return plain !== undefined && scaled !== null && differs(plain, scaled)
}

/** A conversation to try things at. */
export const sampleChat = { messages: [{ role: 'user', content: 'Tell me about foxes.' }] } as const
