import type { ModelText } from '../../models/model-text.ts'
import { readTokenizer } from '../../models/read-tokenizer.ts'
import type { Engine } from '../../slm/engine/engine.ts'
import { isRemote, type RemoteConfig, type UpstreamConfig, upstreamKinds } from '../../upstream/kinds.ts'
import { type OpenedUpstream, openRemote } from '../../upstream/open-remote.ts'
import { bearerToken } from './bearer-token.ts'
import type { PreparedModels } from './prepared-models.ts'

export interface OpeningUpstream {
  readonly models: PreparedModels
  readonly engine: Engine
  /** The local model's. */
  readonly text: ModelText
  /** COSTEER_HOME */
  readonly home: string
  /** What an embedded model may keep of conversations. */
  readonly cacheBytes?: number | undefined
}

/**
 * Opens the upstream that `config` describes, and reads the text side of its model. Rejects with GatewayError
 * when it cannot serve a steered answer.
 */
export async function openUpstream(
  config: UpstreamConfig,
  { models, engine, text, home, cacheBytes }: OpeningUpstream,
): Promise<OpenedUpstream & { readonly text: ModelText }> {
  if (isRemote(config)) {
    const own = await remoteText(config, { local: text, home })
    return {
      ...(await openRemote(config, { text: own, apiKey: await bearerToken(config, 'upstreams') })),
      text: own,
    }
  }
  const model = await models.get(config.model)
  const { open } = upstreamKinds[config.kind]
  const upstream = await open({ engine, model: model.name, graph: model.graph, cacheBytes, ...model.text })
  return {
    upstream,
    text: model.text,
    passthrough: null,
    obstacle: async () => null,
    close: () => upstream.close(),
  }
}

/** The text side of a server's model: the local model's, unless the configuration names its own. */
export async function remoteText(
  { tokenizer }: RemoteConfig,
  { local, home }: { readonly local: ModelText; readonly home: string },
): Promise<ModelText> {
  return tokenizer === undefined ? local : readTokenizer(tokenizer, home)
}
