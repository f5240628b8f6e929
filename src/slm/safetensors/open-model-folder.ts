import { type OpenedModel, openWeights } from '../weights/open-weights.ts'
import { readModelFolder } from './read-model-folder.ts'

/**
 * Opens a folder of the hub with safetensors, of a supported architecture. Only configuration and directory
 * are read now; tensors are read one by one. Rejects with GatewayError `model_file_invalid`. Close it after
 * use.
 */
export async function openModelFolder(folder: string): Promise<OpenedModel> {
  return openWeights(await readModelFolder(folder))
}
