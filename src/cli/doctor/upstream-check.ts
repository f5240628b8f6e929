import type { UpstreamConfig } from '../../config/schema.ts'
import {
  differentVocabularies,
  openServer,
  type RemoteConfig,
  reachServer,
  type ServerText,
} from '../../gateway/open-upstream.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { Upstream } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { type Finding, failed } from './finding.ts'

export interface UpstreamCheckOptions {
  /** The local model's; null when it is not on this machine. */
  readonly vocabulary: Vocabulary | null
  /** The rest of its text side, for servers that take prompts as text. */
  readonly text?: Partial<ServerText>
  /** The vocabulary of an embedded upstream's model; null when that is not on this machine. */
  readonly embeddedVocabulary: (model: string) => Promise<Vocabulary | null>
  readonly timeoutMs: number
}

export interface UpstreamCheck {
  readonly findings: readonly Finding[]
  /** The model behind the upstream; null when that is not known. */
  readonly model: string | null
}

/** Whether an upstream answers and can do all that steering needs, as at the start of the gateway. */
export async function upstreamCheck(
  name: string,
  config: UpstreamConfig,
  options: UpstreamCheckOptions,
): Promise<UpstreamCheck> {
  const check = `upstream ${name}`
  if (config.kind === 'embedded') return embeddedCheck(check, config.model, options)
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    if (options.vocabulary === null) return await reachableCheck(check, config, signal)
    const upstream = await openServer(config, { ...options.text, vocabulary: options.vocabulary, signal })
    await upstream.close()
    return { findings: [serverFinding(check, config, upstream)], model: upstream.model }
  } catch (failure) {
    return { findings: [failed(check, signal.aborted ? tooSlow(config, options) : failure)], model: null }
  }
}

async function embeddedCheck(
  check: string,
  model: string,
  { vocabulary, embeddedVocabulary }: UpstreamCheckOptions,
): Promise<UpstreamCheck> {
  const own = await embeddedVocabulary(model)
  if (own === null || vocabulary === null) {
    const message = `${model} in this process; its vocabulary is compared once the models are here.`
    return { findings: [{ check, status: 'warn', message }], model }
  }
  if (own.fingerprint !== vocabulary.fingerprint) {
    return { findings: [failed(check, differentVocabularies(model))], model }
  }
  const message = `${model} in this process, with the local model's vocabulary.`
  return { findings: [{ check, status: 'ok', message }], model }
}

async function reachableCheck(
  check: string,
  config: RemoteConfig,
  signal: AbortSignal,
): Promise<UpstreamCheck> {
  await reachServer(config, signal)
  const message = `${config.url} answers; model, log-probabilities and vocabulary are checked once the local model is here.`
  return { findings: [{ check, status: 'warn', message }], model: null }
}

function serverFinding(check: string, config: RemoteConfig, { model, limits }: Upstream): Finding {
  const { contextTokens, maxCandidates, maxInFlight } = limits
  const message =
    `${config.url} serves ${model} with the local model's vocabulary, a window of ${contextTokens} tokens, ` +
    `up to ${maxCandidates} log-probabilities (${config.candidates} configured) and ${maxInFlight} queries at once.`
  if (config.candidates > maxCandidates) {
    const fix = `Set upstreams candidates to ${maxCandidates} at most, or let the server return more.`
    return { check, status: 'warn', message, fix }
  }
  if (maxInFlight === 1) {
    const fix =
      'Let the server run several side by side (llama-server -np 4), or lookahead has nothing to gain.'
    return { check, status: 'warn', message, fix }
  }
  return { check, status: 'ok', message }
}

function tooSlow({ url }: RemoteConfig, { timeoutMs }: UpstreamCheckOptions): GatewayError {
  const message = `${url} did not answer all questions within ${timeoutMs / 1000} s. A server's first answer can be slow: try again, or give it longer with --timeout.`
  return new GatewayError('upstream_timeout', message)
}
