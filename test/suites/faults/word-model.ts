import type { Environment } from '../../../src/environment.ts'
import { type ModelText, readModelText } from '../../../src/models/model-text.ts'
import { pullModel } from '../../../src/models/pull.ts'
import { tokenId } from '../../../src/steer/token-id.ts'

export interface Candidate {
  readonly id: number
  readonly logprob: number
}

/** A large model that costs nothing to run, with a real model's vocabulary. It never ends by itself. */
export interface WordModel extends ModelText {
  /** The likeliest tokens behind `prefix`, which depend on its last token alone. */
  top(prefix: readonly number[], count: number): Candidate[]
  textOf(ids: readonly number[]): string
}

const CANDIDATES = 64

/**
 * Its tokens are the first ones of the model `name` that are letters, in an order that the last token turns.
 */
export async function wordModel(name: string, environment: Environment): Promise<WordModel> {
  const text = await readModelText(await pullModel(name, { environment }))
  const { vocabulary } = text
  const textOf = (tokens: readonly number[]) =>
    new TextDecoder().decode(Buffer.concat(tokens.map((id) => vocabulary.bytes(tokenId(id)))))
  const ids = Array.from({ length: vocabulary.size }, (_, id) => id)
    .filter((id) => /^ ?[a-z]+$/.test(textOf([id])))
    .slice(0, CANDIDATES)
  const weights = ids.map((_, rank) => 0.7 ** rank)
  const normaliser = Math.log(weights.reduce((sum, weight) => sum + weight, 0))
  return {
    ...text,
    top(prefix, count) {
      const turn = Math.imul((prefix.at(-1) ?? 0) + 1, 0x9e3779b1) >>> 16
      return Array.from({ length: Math.min(count, ids.length) }, (_, rank) => ({
        id: ids[(turn + rank) % ids.length] ?? 0,
        logprob: Math.log(weights[rank] ?? 1) - normaliser,
      }))
    },
    textOf,
  }
}
