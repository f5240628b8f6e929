import type { Upstream } from '../../../src/steer/upstream.ts'
import { byteModel } from '../served-model/byte-model.ts'

/** What a call does: answer, fail at once, or fail behind its first token. */
export type Outcome = 'answer' | { readonly fails: unknown; readonly afterFirst?: true }

export interface ScriptedUpstream extends Upstream {
  readonly calls: () => number
}

/** The byte model, whose calls do as the script says; behind its end they answer. */
export function scriptedUpstream(script: readonly Outcome[]): ScriptedUpstream {
  let calls = 0
  const next = (): Outcome => script[calls++] ?? 'answer'
  return {
    ...byteModel,
    calls: () => calls,
    async distributions(query) {
      const outcome = next()
      if (outcome !== 'answer') throw outcome.fails
      return byteModel.distributions(query)
    },
    async *stream(query) {
      const outcome = next()
      if (outcome !== 'answer' && outcome.afterFirst !== true) throw outcome.fails
      for await (const step of byteModel.stream(query)) {
        yield step
        if (outcome !== 'answer') throw outcome.fails
      }
    },
  }
}
