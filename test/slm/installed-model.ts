import { readEnvironment } from '../../src/environment.ts'
import { readModelText } from '../../src/models/model-text.ts'
import { prepareModel } from '../../src/models/prepare-model.ts'
import { pullModel } from '../../src/models/pull.ts'

/** A model of the catalogue with real weights, fetched and prepared if need be. */
export async function installedModel(name: string) {
  const installed = await pullModel(name, { environment: readEnvironment() })
  const [graph, text] = await Promise.all([prepareModel(installed), readModelText(installed)])
  return { graph, ...text }
}
