import { bearerToken } from '../../gateway/opening/bearer-token.ts'
import { remoteText } from '../../gateway/opening/open-upstream.ts'
import {
  alignmentOf,
  alignmentReport,
  alignmentSentence,
  differentVocabularies,
} from '../../gateway/opening/upstream-alignment.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { ModelText } from '../../models/model-text.ts'
import { haveSameTokens } from '../../steer/alignment/same-tokens.ts'
import type { Upstream } from '../../steer/upstream.ts'
import {
  type EmbeddedConfig,
  isRemote,
  type RemoteConfig,
  type UpstreamConfig,
} from '../../upstream/kinds.ts'
import { openRemote, reachRemote } from '../../upstream/open-remote.ts'
import { shownName } from '../../upstream/shown-name.ts'
import { type Finding, failed } from './finding.ts'

export interface UpstreamCheckOptions {
  /** The text side of the local model; null when that is not on this machine. */
  readonly text: ModelText | null
  /** The text side of an embedded upstream's model; null when that is not on this machine. */
  readonly embeddedText: (model: string) => Promise<ModelText | null>
  /** COSTEER_HOME */
  readonly home: string
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
  if (!isRemote(config)) return embeddedCheck(name, config, options)
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    const { text: local, home } = options
    if (local === null) return await reachableCheck(check, config, signal)
    const own = await remoteText(config, { local, home })
    const opened = await openRemote(config, {
      text: own,
      apiKey: await bearerToken(config, 'upstreams'),
      signal,
    })
    const { upstream } = opened
    try {
      const aligned = await alignedFindings(name, config, { own, local, upstream })
      return { findings: [serverFinding(check, config, upstream), ...aligned], model: upstream.model }
    } finally {
      await opened.close()
    }
  } catch (failure) {
    return { findings: [failed(check, signal.aborted ? tooSlow(config, options) : failure)], model: null }
  }
}

async function embeddedCheck(
  name: string,
  config: EmbeddedConfig,
  { text: local, embeddedText }: UpstreamCheckOptions,
): Promise<UpstreamCheck> {
  const check = `upstream ${name}`
  const { model, alignment } = config
  const own = await embeddedText(model)
  if (own === null || local === null) {
    const message = `${model} in this process; its vocabulary is compared once the models are here.`
    return { findings: [{ check, status: 'warn', message }], model }
  }
  const isSame = haveSameTokens(own.vocabulary, local.vocabulary)
  if (!isSame && alignment === 'exact') {
    return { findings: [failed(check, differentVocabularies(model))], model }
  }
  const message = `${model} in this process, with ${isSame ? "the local model's vocabulary" : 'a vocabulary of its own'}.`
  const aligned = await alignedFindings(name, config, { own, local, upstream: null })
  return { findings: [{ check, status: 'ok', message }, ...aligned], model }
}

interface AlignedParts {
  readonly own: ModelText
  readonly local: ModelText
  /** Null when it is not open. */
  readonly upstream: Upstream | null
}

/** Less than this share of the probability in answers leaves a profile little to move. */
const LEAST_COVERAGE = 0.8

/** How far the local model covers an upstream of another vocabulary; nothing where both use the same. */
async function alignedFindings(
  name: string,
  { alignment: mode }: UpstreamConfig,
  { own, local, upstream }: AlignedParts,
): Promise<Finding[]> {
  const alignment = alignmentOf(mode, { name, upstream: own, local })
  if (alignment === null) return []
  const report = await alignmentReport(name, alignment, upstream)
  const finding = { check: `alignment ${name}`, message: alignmentSentence(report) }
  if ((report.probability ?? 1) >= LEAST_COVERAGE) return [{ ...finding, status: 'ok' }]
  const fix = 'Set alignment: bytes, or choose a local model of the family of the upstream.'
  return [{ ...finding, status: 'warn', fix }]
}

async function reachableCheck(
  check: string,
  config: RemoteConfig,
  signal: AbortSignal,
): Promise<UpstreamCheck> {
  await reachRemote(config, { apiKey: await bearerToken(config, 'upstreams'), signal })
  const message = `${config.url} answers; model, log-probabilities and vocabulary are checked once the local model is here.`
  return { findings: [{ check, status: 'warn', message }], model: null }
}

function serverFinding(check: string, config: RemoteConfig, { model, limits, elsewhere }: Upstream): Finding {
  const { contextTokens, maxCandidates, maxInFlight, readsAgain } = limits
  const message =
    `${config.url} serves ${shownName(model)} with ${vocabularyOf(config)}, a window of ${contextTokens} tokens, ` +
    `up to ${maxCandidates} log-probabilities (${config.candidates ?? 'as many as are cheap'} asked for) and ${maxInFlight} queries at once.` +
    (readsAgain ? ' It reads a prompt again for each step back, so that guesses are one chain.' : '')
  if (elsewhere !== undefined) {
    const fix = 'Name a model that runs there, if conversations are to stay where that server is.'
    return { check, status: 'warn', message: `${message} It runs at ${elsewhere}, not there.`, fix }
  }
  if ((config.candidates ?? 0) > maxCandidates) {
    const fix = `Set upstreams candidates to ${maxCandidates} at most, or let the server return more.`
    return { check, status: 'warn', message, fix }
  }
  if (maxInFlight === 1 && !readsAgain) {
    const fix =
      'Let the server run several side by side (llama-server -np 4, which counts on an accelerator alone; for Ollama OLLAMA_NUM_PARALLEL=4 and max_in_flight: 4), or lookahead has nothing to gain.'
    return { check, status: 'warn', message, fix }
  }
  return { check, status: 'ok', message }
}

function vocabularyOf({ tokenizer }: RemoteConfig): string {
  return tokenizer === undefined ? "the local model's vocabulary" : 'the configured vocabulary'
}

function tooSlow({ url }: RemoteConfig, { timeoutMs }: UpstreamCheckOptions): GatewayError {
  const message = `${url} did not answer all questions within ${timeoutMs / 1000} s. A server's first answer can be slow: try again, or give it longer with --timeout.`
  return new GatewayError('upstream_timeout', message)
}
