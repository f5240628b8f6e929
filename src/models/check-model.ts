import { readProblem, requireRegularFile } from '../read-regular-file.ts'
import { readGgufDirectory } from '../slm/gguf/gguf-directory.ts'
import { readExportedGraph } from '../slm/graph/exported-graph.ts'
import { modelFileInvalid } from '../slm/model-file-invalid.ts'
import { ggufTokenizerSource } from '../slm/tokenizer-files/gguf-tokenizer-source.ts'
import { openWeights } from '../slm/weights/open-weights.ts'
import type { InstalledModel } from './model-folder.ts'
import { type ModelText, modelTextOf, readModelText } from './model-text.ts'
import { openChecked } from './prepare-model.ts'

type ModelFiles = Pick<InstalledModel, 'format' | 'path'>

/**
 * Reads the list of a model's weights and tries out its text, so that what is wrong shows now rather than at
 * the first request. Rejects with GatewayError `model_file_invalid`.
 */
export async function checkModel({ format, path }: ModelFiles): Promise<void> {
  if (format === 'onnx') await checkGraphs(path)
  else await (await openChecked({ format, path })).close()
  await checkText({ format, path })
}

/** The same for the text of a folder whose weights have still to be fetched. */
export function checkFolderText(folder: string): Promise<void> {
  // Folders whose graphs are ready have the same files, and no weights that text depends on
  return checkText({ format: 'onnx', path: folder })
}

/**
 * The same for a GGUF file, or all parts of a split one, of which only the beginnings are there yet.
 * `lengths` has what they will have, by their paths.
 */
export async function checkGgufBeginning(path: string, lengths: ReadonlyMap<string, number>): Promise<void> {
  const source = await readGgufDirectory(path, lengths)
  const model = await openWeights(source)
  try {
    model.requireReadable()
  } finally {
    await model.close()
  }
  tryText(modelTextOf(ggufTokenizerSource(path, source.metadata)))
}

async function checkText(model: ModelFiles): Promise<void> {
  tryText(await readModelText(model))
}

function tryText({ tokenizer }: ModelText): void {
  tokenizer.encodeChat([{ role: 'user', content: 'Hello' }])
}

async function checkGraphs(folder: string): Promise<void> {
  const { graphPath } = await readExportedGraph(folder)
  await requireRegularFile(graphPath).catch((cause: unknown) => {
    throw modelFileInvalid(graphPath, `it cannot be read (${readProblem(cause)}).`, cause)
  })
}
