import { environmentVariable } from '../config/environment.ts'
import type { UpstreamConfig } from '../config/schema.ts'
import { GatewayError } from '../gateway-error.ts'
import type { Engine } from '../slm/runtime/engine.ts'
import type { Upstream } from '../steer/upstream.ts'
import type { Vocabulary } from '../steer/vocabulary.ts'
import { openEmbedded } from '../upstream/embedded.ts'
import { openLlamaCpp } from '../upstream/llama-cpp.ts'
import { reportSent } from '../upstream/observed-upstream.ts'
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
      return openEmbedded({ engine, model: model.name, graph: model.graph, ...model.text })
    }
    case 'llama-cpp':
      return openLlamaCpp(endpointOptions(config, vocabulary))
    case 'vllm':
      return openVllm(endpointOptions(config, vocabulary))
    default:
      return config satisfies never
  }
}

type RemoteConfig = Exclude<UpstreamConfig, { kind: 'embedded' }>

function endpointOptions(config: RemoteConfig, vocabulary: Vocabulary): UpstreamOptions {
  const apiKey = config.api_key_env === undefined ? undefined : environmentVariable(config.api_key_env)
  if (config.api_key_env !== undefined && apiKey === undefined) {
    throw new GatewayError(
      'config_invalid',
      `The configuration takes the key of ${config.url} from the environment variable ${config.api_key_env}, which is not set.`,
    )
  }
  return {
    url: config.url,
    vocabulary,
    onSend: reportSent,
    candidates: config.candidates,
    maxInFlight: config.max_in_flight,
    timeouts: { firstByteMs: config.first_byte_ms, idleMs: config.idle_ms },
    ...(config.model === undefined ? {} : { model: config.model }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}
