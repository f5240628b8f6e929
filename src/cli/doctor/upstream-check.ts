import type { UpstreamConfig } from '../../config/schema.ts'
import {
  differentVocabularies,
  openServer,
  type RemoteConfig,
  reachServer,
  type ServerText,
  serverText,
} from '../../gateway/opening/open-upstream.ts'
import { alignmentOf, alignmentReport, alignmentSentence } from '../../gateway/opening/upstream-alignment.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { ModelText } from '../../models/model-text.ts'
import type { Upstream } from '../../steer/upstream.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { type Finding, failed } from './finding.ts'

export interface UpstreamCheckOptions {
  /** The local model's; null when it is not on this machine. */
  readonly vocabulary: Vocabulary | null
  /** Its whole text side, for servers that take prompts as text and for alignment. */
  readonly text?: ModelText
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
  if (config.kind === 'embedded') return embeddedCheck(name, config, options)
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    const { vocabulary, text, home } = options
    if (vocabulary === null) return await reachableCheck(check, config, signal)
    const own: ServerText = await serverText(config, { local: { ...text, vocabulary }, home })
    const upstream = await openServer(config, { ...own, signal })
    try {
      const aligned = await alignedFindings(name, config, { own, local: text, upstream })
      return { findings: [serverFinding(check, config, upstream), ...aligned], model: upstream.model }
    } finally {
      await upstream.close()
    }
  } catch (failure) {
    return { findings: [failed(check, signal.aborted ? tooSlow(config, options) : failure)], model: null }
  }
}

async function embeddedCheck(
  name: string,
  config: Extract<UpstreamConfig, { kind: 'embedded' }>,
  { vocabulary, text, embeddedText }: UpstreamCheckOptions,
): Promise<UpstreamCheck> {
  const check = `upstream ${name}`
  const { model, alignment } = config
  const own = await embeddedText(model)
  if (own === null || vocabulary === null) {
    const message = `${model} in this process; its vocabulary is compared once the models are here.`
    return { findings: [{ check, status: 'warn', message }], model }
  }
  const isSame = own.vocabulary.fingerprint === vocabulary.fingerprint
  if (!isSame && alignment === 'exact') {
    return { findings: [failed(check, differentVocabularies(model))], model }
  }
  const message = `${model} in this process, with ${isSame ? "the local model's vocabulary" : 'a vocabulary of its own'}.`
  const aligned = await alignedFindings(name, config, { own, local: text, upstream: null })
  return { findings: [{ check, status: 'ok', message }, ...aligned], model }
}

interface AlignedParts {
  readonly own: ServerText
  readonly local: ModelText | undefined
  /** Null when it is not open. */
  readonly upstream: Upstream | null
}

/** Less than this share of the probability in answers leaves a profile little to move. */
const LEAST_COVERAGE = 0.8

/** How far the local model covers an upstream of another vocabulary; nothing where both use the same. */
async function alignedFindings(
  name: string,
  { alignment: mode }: UpstreamConfig,
  { own: { vocabulary, tokenizer, controlTokens }, local, upstream }: AlignedParts,
): Promise<Finding[]> {
  if (local === undefined || tokenizer === undefined || controlTokens === undefined) return []
  const alignment = alignmentOf(mode, { upstream: { vocabulary, tokenizer, controlTokens }, local })
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
  await reachServer(config, signal)
  const message = `${config.url} answers; model, log-probabilities and vocabulary are checked once the local model is here.`
  return { findings: [{ check, status: 'warn', message }], model: null }
}

function serverFinding(check: string, config: RemoteConfig, { model, limits }: Upstream): Finding {
  const { contextTokens, maxCandidates, maxInFlight } = limits
  const message =
    `${config.url} serves ${model} with ${vocabularyOf(config)}, a window of ${contextTokens} tokens, ` +
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

function vocabularyOf({ tokenizer }: RemoteConfig): string {
  return tokenizer === undefined ? "the local model's vocabulary" : 'the configured vocabulary'
}

function tooSlow({ url }: RemoteConfig, { timeoutMs }: UpstreamCheckOptions): GatewayError {
  const message = `${url} did not answer all questions within ${timeoutMs / 1000} s. A server's first answer can be slow: try again, or give it longer with --timeout.`
  return new GatewayError('upstream_timeout', message)
}
