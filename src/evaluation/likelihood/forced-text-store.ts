import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { z } from 'zod'
import type { ForcedText, ForcedView } from './forced-text.ts'

const viewSchema = z.object({ logprobs: z.instanceof(Float32Array), real: z.instanceof(Float32Array) })
const textSchema = viewSchema.extend({
  tokens: z.instanceof(Int32Array),
  candidates: z.int().min(1),
  ids: z.instanceof(Int32Array),
})

const deltasSchema = z.instanceof(Float32Array)

/** Everything that a view depends on: models, prompts, texts, K. */
export type ForcingKey = readonly (string | number | readonly number[])[]

/**
 * What models said of texts, on disk, under a name made of all that it depends on: a run that goes on after
 * a break, or with other settings, asks no model twice. The files hold token ids of private prompts as
 * hashes alone, but the texts' ids.
 */
export class ForcedTextStore {
  readonly #folder: string
  #computed = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** How often a model had to be asked until now. */
  get computed(): number {
    return this.#computed
  }

  text(key: ForcingKey, compute: () => Promise<ForcedText>): Promise<ForcedText> {
    return this.#kept(key, (value) => textSchema.parse(value), compute)
  }

  view(key: ForcingKey, compute: () => Promise<ForcedView>): Promise<ForcedView> {
    return this.#kept(key, (value) => viewSchema.parse(value), compute)
  }

  deltas(key: ForcingKey, compute: () => Promise<Float32Array>): Promise<Float32Array> {
    return this.#kept(key, (value) => deltasSchema.parse(value), compute)
  }

  async #kept<Value>(
    key: ForcingKey,
    checked: (value: unknown) => Value,
    compute: () => Promise<Value>,
  ): Promise<Value> {
    const file = join(this.#folder, `${createHash('sha256').update(JSON.stringify(key)).digest('hex')}.bin`)
    try {
      return checked(deserialize(await readFile(file)))
    } catch {
      // Missing, or cut short by a full disk: asked anew.
    }
    const value = await compute()
    this.#computed++
    await mkdir(this.#folder, { recursive: true })
    await writeFile(`${file}.part`, serialize(value))
    await rename(`${file}.part`, file)
    return value
  }
}
