import { GatewayError } from '../../gateway-error.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import { tokenIds } from '../../steer/token-id.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { modelName } from '../served/model-name.ts'
import { PROBE_TEXT } from '../served/probe-text.ts'
import { RUN_TO_RUN_NATS } from '../served/run-to-run.ts'
import type { TextUpstreamOptions } from '../served/upstream-options.ts'
import { chatUsage, modelInfo, models, serverInfo } from './replies.ts'
import type { SglangServer } from './server.ts'

const PROBE_CANDIDATES = 8

/** The served model's name and window. Rejects with GatewayError `upstream_*`. */
export async function probeModel(
  endpoint: HttpEndpoint,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<{ model: string; contextTokens: number }> {
  const served = (await endpoint.get('/v1/models', models, signal)).data
  const names = served.map((entry) => entry.id)
  const model = modelName(wanted, names, endpoint.where)
  const { is_generation: generates } = await endpoint.get('/get_model_info', modelInfo, signal)
  if (generates === false) {
    throw new GatewayError('upstream_incapable', `${endpoint.where} serves a model that generates no text.`)
  }
  const own = served.find((entry) => entry.id === model)?.max_model_len
  const info = await endpoint.get('/get_server_info', serverInfo, signal)
  const window = own ?? info.context_length
  if (window === null || window === undefined) {
    throw new GatewayError('upstream_incapable', `${endpoint.where} does not tell its context length.`)
  }
  // A request may also be no longer than the whole K/V cache.
  const held = info.max_total_num_tokens ?? window
  return { model, contextTokens: Math.min(window, held) }
}

/**
 * Whether the server divides log-probabilities by the temperature, as it does unless it runs with
 * SGLANG_RETURN_ORIGINAL_LOGPROB=1. Rejects with GatewayError `upstream_*` when it returns none.
 */
export async function probeScaling(server: SglangServer, signal: AbortSignal): Promise<boolean> {
  const prefix = tokenIds(await server.tokenize(PROBE_TEXT, signal))
  const [plain] = await server.distributions([prefix], PROBE_CANDIDATES, signal)
  const sampling = { temperature: 0.5, topP: 1, topK: 0, seed: 0 }
  const cooler = server.stream(prefix, { candidates: PROBE_CANDIDATES, maxTokens: 1, sampling }, signal)
  for await (const { distribution } of cooler) {
    const byId = new Map([...distribution.ids].map((id, rank) => [id, distribution.logprobs[rank] ?? 0]))
    for (const [rank, id] of (plain?.ids ?? []).entries()) {
      const logprob = plain?.logprobs[rank] ?? 0
      if (Math.abs((byId.get(id) ?? logprob) - logprob) > RUN_TO_RUN_NATS) return true
    }
  }
  return false
}

const conversations: readonly (readonly ChatMessage[])[] = [
  [{ role: 'user', content: 'Hello there' }],
  [
    { role: 'system', content: 'You are terse.' },
    { role: 'user', content: ' What is 2 + 2? ' },
    { role: 'assistant', content: '4' },
    { role: 'user', content: 'Thanks.' },
  ],
]

/**
 * Checks that the local chat template renders conversations as long as the server's own: SGLang does not
 * return a rendered conversation, only how many tokens it has. Rejects with GatewayError
 * `upstream_incapable`.
 */
export async function probeChat(
  endpoint: HttpEndpoint,
  { model, tokenizer }: { readonly model: string; readonly tokenizer: TextUpstreamOptions['tokenizer'] },
  signal: AbortSignal,
): Promise<void> {
  for (const messages of conversations) {
    const body = { model, messages, max_tokens: 1, temperature: 0 }
    const reply = chatUsage.safeParse(await endpoint.postRefusable('/v1/chat/completions', body, signal))
    // A server without a chat template refuses: then the local one rules.
    if (!reply.success) return
    const there = reply.data.usage.prompt_tokens
    const here = tokenizer.encodeChat(messages).length
    if (there === here) continue
    throw new GatewayError(
      'upstream_incapable',
      `${endpoint.where} renders a sample conversation as ${there} tokens and the local model as ${here}: their chat templates differ. Choose a local model with the upstream's template.`,
    )
  }
}
