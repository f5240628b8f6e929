import type { Catalogue } from '../../models/catalogue.ts'
import type { InstalledModel } from '../../models/model-folder.ts'
import { nameOfFile } from '../../models/model-name.ts'
import { weightsOf } from '../../models/suggesting/model-size.ts'

/** A model here that the catalogue does not have: imported, or fetched by its repository's name. */
export interface OwnModel {
  readonly name: string
  /** Where it came from, for people. */
  readonly source: string
  /** How many weights it has. */
  readonly parameters: number
  /** Of its files. */
  readonly fileBytes: number
  /** Models of one have the same tokens; null where neither its name nor that of its file says which. */
  readonly vocabulary: string | null
}

/** Tells them, and counts the weights of each once: that reads the beginning of its files. */
export class OwnModels {
  readonly #weights = new Map<string, Promise<number>>()

  /** Those of the installed models, in their order. */
  async among(installed: readonly InstalledModel[], catalogue: Catalogue): Promise<OwnModel[]> {
    const own = installed.filter(({ name }) => catalogue.find(name) === undefined)
    return Promise.all(
      own.map(async (model) => {
        const { name, source, bytes } = model
        const vocabulary = catalogue.vocabularyOf(name) ?? catalogue.vocabularyOf(nameOfFile(source))
        const parameters = Math.max(1, Math.round(await this.#weightsOf(model)))
        return { name, source, parameters, fileBytes: bytes, vocabulary }
      }),
    )
  }

  #weightsOf(model: InstalledModel): Promise<number> {
    const { name, source, bytes, sha256 } = model
    const files = [name, source, bytes, sha256].join('\n')
    const counted = this.#weights.get(files) ?? weightsOf(undefined, model)
    this.#weights.set(files, counted)
    return counted
  }
}
