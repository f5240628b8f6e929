import { unguarded } from '../../../src/guard/public.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { byteModel, topOf } from '../served-model/byte-model.ts'

/** The byte model, which can count to eight: what a service is tried with at the start. */
export const countingModel: Upstream = {
  ...byteModel,
  async *stream(query) {
    const prefix: TokenId[] = [...query.prefix]
    for (let step = 0; step < query.maxTokens; step++) {
      const due = dueAfter(prefix)
      const seed = query.sampling.seed + step
      const next = {
        ...query,
        prefix: unguarded(prefix),
        maxTokens: 1,
        sampling: { ...query.sampling, seed },
      }
      for await (const own of byteModel.stream(next)) {
        const told = due === null ? own : { token: due, distribution: certain(due, query.candidates) }
        yield told
        if (told.token === 256) return
        prefix.push(told.token)
      }
    }
  },
}

function dueAfter(prefix: readonly TokenId[]): TokenId | null {
  const text = Buffer.from(prefix.slice(-4).map((id) => Number(id) % 256)).toString()
  if (text.endsWith(' 7,')) return tokenId(0x20)
  return text.endsWith('7, ') ? tokenId(0x38) : null
}

function certain(token: TokenId, candidates: number) {
  return topOf(
    Float64Array.from({ length: 257 }, (_, id) => (id === token ? 9 : -id / 1000)),
    candidates,
  )
}
