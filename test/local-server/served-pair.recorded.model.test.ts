import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { localSchema, type ServedLocal } from '../../src/config/local-settings.ts'
import { readEnvironment } from '../../src/environment.ts'
import { openServedModel } from '../../src/local-server/open-served-model.ts'
import { installedModel } from '../slm/installed-model.ts'
import { type Exchange, startFakeServer } from '../upstream/recorded/recorded-server.ts'
import { type PairOutcome, playPair, RECORDED_CANDIDATES } from './pair-scenario.ts'

interface Recording {
  readonly exchanges: readonly Exchange[]
  readonly outcome: PairOutcome
}

const path = fileURLToPath(new URL('../fixtures/local-server/llama-cpp.json', import.meta.url))
const MODEL = 'smollm2-135m'

test("what a real llama-server said of SmolLM2 reads as its streams' rows", async () => {
  const { exchanges, outcome }: Recording = JSON.parse(readFileSync(path, 'utf8'))
  await installedModel(MODEL)
  const server = await startFakeServer(exchanges)
  const local = localSchema.parse({
    kind: 'llama-cpp',
    url: server.url,
    tokenizer: MODEL,
    candidates: RECORDED_CANDIDATES,
  }) as ServedLocal
  const served = await openServedModel(local, {
    apiKey: undefined,
    home: readEnvironment().costeerHome,
  })
  try {
    expect(served.pair.passes).toEqual({ tokens: 1, guesses: true })
    const replayed = await playPair(served.pair, served.text.tokenizer.encode)
    expect(replayed).toEqual(outcome)
    // "I" is followed by what a beekeeper does, where the profile is known.
    const [root] = replayed.steps
    expect(root?.publicGuesses).toHaveLength(8)
    expect(root?.privateGuesses).toHaveLength(8)
    expect(Math.max(...(root?.deltas ?? []).map(Math.abs))).toBeGreaterThan(0.1)
    expect(replayed.steps.map(({ depth }) => depth)).toEqual([0, 1, 2, 2, 3])
  } finally {
    await served.close()
    await server.close()
  }
})
