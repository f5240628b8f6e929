import { GatewayError } from '../gateway-error.ts'
import { openGguf } from '../slm/gguf/open-gguf.ts'
import { type PreparedGraph, prepareGraph } from '../slm/graph/prepare-graph.ts'
import type { InstalledModel } from './model-folder.ts'

/**
 * The graphs of an installed GGUF model, built on the first call (seconds for every 100 million weights) and then kept beside
 * the file. Rejects with GatewayError `model_file_invalid`.
 */
export const prepareModel = async ({
  name,
  path,
  format,
  sha256,
  graphFolder,
}: InstalledModel): Promise<PreparedGraph> => {
  if (format !== 'gguf') {
    const message = `The model "${name}" is a folder of ready ONNX graphs, and a graph of our own is built from GGUF files only.`
    throw new GatewayError('model_file_invalid', message)
  }
  return prepareGraph(graphFolder, { source: sha256 ?? name, openWeights: () => openGguf(path) })
}
