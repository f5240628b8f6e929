import { GatewayError } from '../../gateway-error.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import { greedy } from '../../steer/sampling/sampling.ts'
import type { NamedCandidates } from '../completions/named-candidates.ts'
import { differs } from '../completions/probe.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { requireWindow } from '../served/limits.ts'
import { PROBE_TEXT } from '../served/probe-text.ts'
import { hostElsewhere, isCloudName } from './cloud-model.ts'
import { generated, loaded, tags } from './replies.ts'
import { type LoadSettings, MAX_CANDIDATES, type OllamaServer } from './server.ts'

export interface OllamaModel {
  /** With its tag. */
  readonly name: string
  readonly contextTokens: number
  /** The host on which it runs instead; null for this server. */
  readonly remoteHost: string | null
}

/** Loads the model and finds out its window. Rejects with GatewayError `upstream_*`. */
export async function probeOllamaModel(
  endpoint: HttpEndpoint,
  { model: wanted, contextTokens, keepAlive }: LoadSettings & { readonly model: string | undefined },
  signal: AbortSignal,
): Promise<OllamaModel> {
  const { models } = await endpoint.get('/api/tags', tags, signal)
  const names = models.map(({ name }) => name)
  const name = servedName(wanted, names, endpoint.where)
  const body = {
    model: name,
    prompt: '',
    stream: false,
    ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
    ...(contextTokens === undefined ? {} : { options: { num_ctx: contextTokens } }),
  }
  // A prompt without a text loads the model
  await endpoint.post('/api/generate', body, generated, signal)
  const running = await endpoint.get('/api/ps', loaded, signal)
  const own = models.find((one) => one.name === name)
  const isCopy = ({ digest }: { readonly digest?: string | null | undefined }) =>
    digest != null && digest === own?.digest
  const told = running.models.find((one) => one.name === name) ?? running.models.find(isCopy)
  const window = requireWindow(told?.context_length ?? contextTokens, endpoint.where)
  const remoteHost = hostElsewhere(name, own?.remote_host)
  return { name, contextTokens: window, remoteHost }
}

/** A name without a tag means the latest one. */
function servedName(wanted: string | undefined, names: readonly string[], where: string): string {
  const [only] = names
  if (wanted === undefined && only !== undefined && names.length === 1) return only
  const found = names.find((name) => name === wanted || name === `${wanted}:latest`)
  if (found !== undefined) return found
  // It is passed on as it is
  if (wanted !== undefined && isCloudName(wanted)) return wanted
  const served = names.map((name) => `"${name}"`).join(', ') || 'no model'
  const advice =
    wanted === undefined
      ? "Set the model's name."
      : `Pull it (ollama pull ${wanted}), or correct the model's name.`
  throw new GatewayError(
    'upstream_incapable',
    `${where} has ${served}, not "${wanted ?? 'one alone'}". ${advice}`,
  )
}

/**
 * Checks that candidates come back, and the same ones where a token with a text is forced, without which
 * the end of an answer could not be seen. Rejects with GatewayError `upstream_incapable`.
 */
export async function probeVisible(
  server: OllamaServer,
  { tokenizer, named }: { readonly tokenizer: Tokenizer; readonly named: NamedCandidates },
  signal: AbortSignal,
): Promise<void> {
  const prompt = tokenizer.encodePrompt(PROBE_TEXT)
  const query = { candidates: MAX_CANDIDATES, maxTokens: 1, sampling: greedy }
  const [plain, forced] = await Promise.all(
    [query, { ...query, visible: true }].map(async (asked) => {
      const [position] = (await server.generate(PROBE_TEXT, asked, signal)).logprobs ?? []
      return position === undefined ? null : named.distributionAt(prompt, position, MAX_CANDIDATES)
    }),
  )
  const says = (what: string) =>
    new GatewayError('upstream_incapable', `${server.where} ${what}. Update Ollama.`)
  if (plain === null || plain === undefined) {
    throw says('returns no log-probabilities of raw prompts, which Ollama does since version 0.12.11')
  }
  if (forced === null || forced === undefined || differs(plain, forced)) {
    throw says('does not tell which tokens are likely where a JSON text is asked for')
  }
}
