import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { readKeyFile } from '../../config/read-key-files.ts'
import type { UpstreamConfig } from '../../config/schema.ts'
import { environmentVariable } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { ModelText } from '../../models/model-text.ts'
import { readTokenizer } from '../../models/read-tokenizer.ts'
import type { Engine } from '../../slm/engine/engine.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { openCompletions } from '../../upstream/completions/open.ts'
import { openEmbedded } from '../../upstream/embedded.ts'
import { type EndpointOptions, HttpEndpoint } from '../../upstream/http/http-endpoint.ts'
import { openLlamaCpp } from '../../upstream/llama-cpp/open.ts'
import { openPassthrough, type Passthrough } from '../../upstream/passthrough/passthrough.ts'
import { replicatedPassthrough } from '../../upstream/passthrough/replicated-passthrough.ts'
import type { UpstreamOptions } from '../../upstream/served/upstream-options.ts'
import { openSglang } from '../../upstream/sglang/open.ts'
import { openVllm } from '../../upstream/vllm/open.ts'
import { circuitBreakingUpstream } from '../../upstream/wrappers/circuit-breaking-upstream.ts'
import { CircuitBreaker } from '../../upstream/wrappers/circuit-breaker.ts'
import { countedUpstream, type InFlightObserver } from '../../upstream/wrappers/counted-upstream.ts'
import { reportSent } from '../../upstream/wrappers/observed-upstream.ts'
import { type Replica, replicatedUpstream } from '../../upstream/wrappers/replicated-upstream.ts'
import { RetryPolicy } from '../../upstream/wrappers/retry-policy.ts'
import { retryingUpstream } from '../../upstream/wrappers/retrying-upstream.ts'
import type { ModelShelf } from './model-shelf.ts'

/**
 * Opens the upstream that `config` describes, in the tokens of `text`. Rejects with GatewayError when it cannot serve a
 * steered answer; `text` is the local model's.
 */
export async function openUpstream(
  config: UpstreamConfig,
  { shelf, engine, text, home }: { shelf: ModelShelf; engine: Engine; text: ModelText; home: string },
): Promise<{ readonly upstream: Upstream; readonly text: ModelText }> {
  if (config.kind !== 'embedded') {
    const own = await serverText(config, { local: text, home })
    return { upstream: await openServer(config, own), text: own }
  }
  const model = await shelf.model(config.model)
  if (config.alignment === 'exact' && model.text.vocabulary.fingerprint !== text.vocabulary.fingerprint)
    throw differentVocabularies(model.name)
  const upstream = await openEmbedded({ engine, model: model.name, graph: model.graph, ...model.text })
  return { upstream, text: model.text }
}

/** The text side of a server's model: the local model's, unless their vocabularies differ. */
export async function serverText<Local>(
  { alignment, tokenizer }: RemoteConfig,
  { local, home }: { readonly local: Local; readonly home: string },
): Promise<Local | ModelText> {
  return alignment === 'exact' || tokenizer === undefined ? local : readTokenizer(tokenizer, home)
}

/**
 * Opens a server and its replicas as one upstream behind circuit breakers, after checking all that steering needs of them.
 * Rejects with GatewayError; nothing is left open then.
 */
export async function openServer(
  config: RemoteConfig,
  { signal, ...text }: ServerText & { readonly signal?: AbortSignal },
): Promise<Upstream> {
  const access = await serverAccess(config)
  const opening = serverUrls(config).map(async (url): Promise<Replica> => {
    const options = { ...endpointOptions(config, { ...access, url }), ...(signal && { signal }) }
    const upstream = await openKind(config, options, text)
    return { url, upstream: circuitBreakingUpstream(upstream, breakerOf(url)) }
  })
  const settled = await Promise.allSettled(opening)
  const replicas = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = settled.find((result) => result.status === 'rejected')
  const [first, ...others] = replicas
  try {
    if (failed !== undefined) throw namingTokenizer(failed.reason, config)
    if (first === undefined) throw new Error('an upstream without a url')
    return others.length === 0 ? first.upstream : replicatedUpstream([first, ...others])
  } catch (error) {
    for (const { upstream } of replicas) await upstream.close()
    throw error
  }
}

/** With a tokenizer of its own, a server's mismatch is not the local model's. */
function namingTokenizer(error: unknown, { url, tokenizer }: RemoteConfig): unknown {
  if (tokenizer === undefined || !(error instanceof GatewayError) || error.code !== 'vocabulary_mismatch')
    return error
  const message = `The server at ${url} has other tokens than the configured tokenizer (${tokenizer}): name the one of the model that it serves.`
  return new GatewayError('vocabulary_mismatch', message, { cause: error, param: 'tokenizer' })
}

/** The text side of the model behind a server. Servers that take token ids and render conversations need the vocabulary only. */
export type ServerText = Pick<ModelText, 'vocabulary'> & Partial<ModelText>

function openKind(
  config: RemoteConfig,
  options: Omit<UpstreamOptions, 'vocabulary'>,
  { vocabulary, tokenizer, controlTokens }: ServerText,
): Promise<Upstream> {
  if (config.kind === 'vllm') return openVllm({ ...options, vocabulary })
  if (config.kind === 'llama-cpp') return openLlamaCpp({ ...options, vocabulary })
  if (tokenizer === undefined || controlTokens === undefined) {
    const message = `An upstream of kind ${config.kind} is checked with the local model's tokenizer, which only the running gateway has: start it to see.`
    throw new GatewayError('upstream_incapable', message)
  }
  if (config.kind === 'sglang') return openSglang({ ...options, vocabulary, tokenizer })
  const { context_tokens: contextTokens } = config
  const window = contextTokens === undefined ? {} : { contextTokens }
  return openCompletions({ ...options, ...window, vocabulary, tokenizer, controlTokens })
}

/** The same upstream for one answer: its queries are counted, and sent again where they fail for a passing reason. */
export function upstreamForAnswer(
  upstream: Upstream,
  config: UpstreamConfig,
  onInFlight?: InFlightObserver,
): Upstream {
  const counted = onInFlight === undefined ? upstream : countedUpstream(upstream, onInFlight)
  if (config.kind === 'embedded') return counted
  const policy = new RetryPolicy({ retries: config.retries, random: Math.random })
  return retryingUpstream(counted, { policy, sleep })
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects with an error of its own, where the signal's reason is wanted.
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** Asks a server for its list of models, which every kind has. Rejects with GatewayError. */
export async function reachServer(config: RemoteConfig, signal: AbortSignal): Promise<void> {
  const endpoint = new HttpEndpoint(await serverAccess(config))
  try {
    await endpoint.get('/v1/models', z.unknown(), signal)
  } finally {
    await endpoint.close()
  }
}

/** Unless they are aligned, an embedded upstream has token ids in common with the local model, or steering makes no sense. */
export function differentVocabularies(upstream: string): GatewayError {
  const message = `The embedded upstream ${upstream} and the local model have different vocabularies: choose a local model of the same family, or set alignment: map (or bytes) for this upstream.`
  return new GatewayError('vocabulary_mismatch', message)
}

/**
 * The server behind an upstream, or the first of its replicas that is there, for what steering cannot do; null for a model of
 * this process.
 */
export async function openServerPassthrough(
  config: UpstreamConfig,
  model: string,
): Promise<Passthrough | null> {
  if (config.kind === 'embedded') return null
  const access = await serverAccess(config)
  return replicatedPassthrough(
    serverUrls(config).map((url) => ({
      passthrough: openPassthrough({ ...access, url, model }),
      breaker: breakerOf(url),
    })),
  )
}

function serverUrls({ url, replicas }: RemoteConfig): readonly string[] {
  return [url, ...replicas]
}

function breakerOf(url: string): CircuitBreaker {
  return new CircuitBreaker({ where: `The upstream at ${url}`, clock: performance })
}

/** An upstream behind HTTP. */
export type RemoteConfig = Exclude<UpstreamConfig, { kind: 'embedded' }>

function endpointOptions(config: RemoteConfig, access: EndpointOptions): Omit<UpstreamOptions, 'vocabulary'> {
  return {
    ...access,
    candidates: config.candidates,
    ...(config.max_in_flight === undefined ? {} : { maxInFlight: config.max_in_flight }),
    ...(config.model === undefined ? {} : { model: config.model }),
  }
}

async function serverAccess(config: RemoteConfig): Promise<EndpointOptions> {
  const apiKey = await serverKey(config)
  return {
    url: config.url,
    onSend: reportSent,
    timeouts: { connectMs: config.connect_ms, firstByteMs: config.first_byte_ms, idleMs: config.idle_ms },
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}

async function serverKey({
  url,
  api_key_env: variable,
  api_key_file: file,
}: RemoteConfig): Promise<string | undefined> {
  if (file !== undefined) return readKeyFile(file, 'upstreams.api_key_file')
  const apiKey = variable === undefined ? undefined : environmentVariable(variable)
  if (variable === undefined || apiKey !== undefined) return apiKey
  throw new GatewayError(
    'config_invalid',
    `The configuration takes the key of ${url} from the environment variable ${variable}, which is not set.`,
  )
}
