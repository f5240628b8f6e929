import { type OpenedModel, openWeights } from '../weights/open-weights.ts'
import { readGgufDirectory } from './gguf-directory.ts'

/**
 * Opens a GGUF file of a supported architecture, or all parts of a split one by any of them or their folder.
 * Only metadata and directory are read now; tensors are read one by one. Rejects with GatewayError
 * `model_file_invalid` for a truncated, foreign or unsupported file. Close it after use.
 */
export async function openGguf(path: string): Promise<OpenedModel> {
  return openWeights(await readGgufDirectory(path))
}
