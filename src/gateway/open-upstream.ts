import { z } from 'zod'
import { environmentVariable } from '../config/environment.ts'
import type { UpstreamConfig } from '../config/schema.ts'
import { GatewayError } from '../gateway-error.ts'
import type { Engine } from '../slm/runtime/engine.ts'
import type { Upstream } from '../steer/upstream.ts'
import type { Vocabulary } from '../steer/vocabulary.ts'
import { openEmbedded } from '../upstream/embedded.ts'
import { type EndpointOptions, HttpEndpoint } from '../upstream/http-endpoint.ts'
import { openLlamaCpp } from '../upstream/llama-cpp.ts'
import { reportSent } from '../upstream/observed-upstream.ts'
import { openPassthrough, type Passthrough } from '../upstream/passthrough.ts'
import type { UpstreamOptions } from '../upstream/upstream-options.ts'
import { openVllm } from '../upstream/vllm.ts'
import type { ModelShelf } from './model-shelf.ts'

/** Opens the upstream that `config` describes. Rejects with GatewayError when it cannot serve a steered answer. */
export async function openUpstream(
  config: UpstreamConfig,
  { shelf, engine, vocabulary }: { shelf: ModelShelf; engine: Engine; vocabulary: Vocabulary },
): Promise<Upstream> {
  switch (config.kind) {
    case 'embedded': {
      const model = await shelf.model(config.model)
      if (model.text.vocabulary.fingerprint !== vocabulary.fingerprint)
        throw differentVocabularies(model.name)
      return openEmbedded({ engine, model: model.name, graph: model.graph, ...model.text })
    }
    case 'llama-cpp':
    case 'vllm':
      return openServer(config, { vocabulary })
    default:
      return config satisfies never
  }
}

/** Opens a server as an upstream, after checking all that steering needs of it. Rejects with GatewayError. */
export async function openServer(
  config: RemoteConfig,
  options: { readonly vocabulary: Vocabulary; readonly signal?: AbortSignal },
): Promise<Upstream> {
  const endpoint = { ...endpointOptions(config), ...options }
  return config.kind === 'vllm' ? openVllm(endpoint) : openLlamaCpp(endpoint)
}

/** Asks a server for its list of models, which every kind has. Rejects with GatewayError. */
export async function reachServer(config: RemoteConfig, signal: AbortSignal): Promise<void> {
  const endpoint = new HttpEndpoint(serverAccess(config))
  try {
    await endpoint.get('/v1/models', z.unknown(), signal)
  } finally {
    await endpoint.close()
  }
}

/** An embedded upstream has token ids in common with the local model, or steering makes no sense. */
export function differentVocabularies(upstream: string): GatewayError {
  const message = `The embedded upstream ${upstream} and the local model have different vocabularies: choose a local model of the same family, or the same model for both.`
  return new GatewayError('vocabulary_mismatch', message)
}

/** The server behind an upstream, for what steering cannot do; null for a model of this process. */
export function openServerPassthrough(config: UpstreamConfig, model: string): Passthrough | null {
  if (config.kind === 'embedded') return null
  return openPassthrough({ ...serverAccess(config), model })
}

/** An upstream behind HTTP. */
export type RemoteConfig = Exclude<UpstreamConfig, { kind: 'embedded' }>

function endpointOptions(config: RemoteConfig): Omit<UpstreamOptions, 'vocabulary'> {
  return {
    ...serverAccess(config),
    candidates: config.candidates,
    maxInFlight: config.max_in_flight,
    ...(config.model === undefined ? {} : { model: config.model }),
  }
}

function serverAccess(config: RemoteConfig): EndpointOptions {
  const apiKey = config.api_key_env === undefined ? undefined : environmentVariable(config.api_key_env)
  if (config.api_key_env !== undefined && apiKey === undefined) {
    throw new GatewayError(
      'config_invalid',
      `The configuration takes the key of ${config.url} from the environment variable ${config.api_key_env}, which is not set.`,
    )
  }
  return {
    url: config.url,
    onSend: reportSent,
    timeouts: { firstByteMs: config.first_byte_ms, idleMs: config.idle_ms },
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}
