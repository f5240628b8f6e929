import { openGguf } from '../slm/gguf/open-gguf.ts'
import { readExportedGraph } from '../slm/graph/exported-graph.ts'
import type { ModelGraph } from '../slm/graph/model-graph.ts'
import { prepareGraph } from '../slm/graph/prepare-graph.ts'
import type { InstalledModel } from './model-folder.ts'

/**
 * What the runtime loads of an installed model. For a GGUF file, graphs are built on the first call (seconds
 * for every 100 million weights) and then kept beside the file; a folder of ready graphs is taken as it is.
 * Rejects with GatewayError `model_file_invalid`.
 */
export async function prepareModel(model: InstalledModel): Promise<ModelGraph> {
  const { name, path, format, sha256, graphFolder } = model
  if (format === 'onnx') return readExportedGraph(path)
  return prepareGraph(graphFolder, { source: sha256 ?? name, openWeights: () => openGguf(path) })
}
