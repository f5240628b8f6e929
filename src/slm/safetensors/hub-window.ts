import { modelFileInvalid } from '../model-file-invalid.ts'
import type { HubConfig } from './hub-config.ts'
import type { HubModel } from './hub-models.ts'

const LOCAL = 'sliding_attention'
/** Where Qwen's configurations do not say it. */
const WINDOWS_FROM = 28
const layerKinds = new Set([LOCAL, 'full_attention', 'attention'])

/**
 * GGUF's keys of layers that see the latest tokens only, each layer named; none where all see everything.
 * Throws GatewayError `model_file_invalid` for layers of another kind.
 */
export function windowKeys(
  folder: string,
  { model, config }: { readonly model: HubModel; readonly config: HubConfig },
): Readonly<Record<string, unknown>> {
  const { layer_types: types, num_hidden_layers: layers, sliding_window: tokens } = config
  const foreign = types?.find((kind) => !layerKinds.has(kind))
  if (foreign !== undefined)
    throw modelFileInvalid(folder, `it has layers of the kind "${foreign}". Take another model.`)
  if (types != null && types.length !== layers) {
    const what = `its config.json has layer_types for ${types.length} of ${layers} layers`
    throw modelFileInvalid(folder, `${what}. Fetch it again.`)
  }
  if (tokens == null || tokens === 0) return {}
  const isLocal = localLayers(model, config)
  if (!isLocal.includes(true)) return {}
  return { 'attention.sliding_window': tokens, 'attention.sliding_window_pattern': isLocal }
}

function localLayers({ window }: HubModel, config: HubConfig): readonly boolean[] {
  const { num_hidden_layers: layers, layer_types: types } = config
  const each = (isLocal: (layer: number) => boolean) =>
    Array.from({ length: layers }, (_, layer) => isLocal(layer))
  if (window === 'none' || (window === 'switched' && config.use_sliding_window !== true))
    return each(() => false)
  if (window === 'all') return each(() => true)
  if (types != null) return types.map((kind) => kind === LOCAL)
  if (window === 'switched') return each((layer) => layer >= (config.max_window_layers ?? WINDOWS_FROM))
  const every = config.sliding_window_pattern ?? window
  return each((layer) => (layer + 1) % every !== 0)
}
