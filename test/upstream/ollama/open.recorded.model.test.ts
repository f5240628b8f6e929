import { expect, onTestFinished, test } from 'vitest'
import { openOllama } from '../../../src/upstream/ollama/open.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { PLAIN_WORDS, playScenario, readRecording } from '../recorded/recorded-scenario.ts'
import { startFakeServer } from '../recorded/recorded-server.ts'

test('a real Ollama over SmolLM2, as it answered, gives an upstream all that it needs', async () => {
  const { recording } = readRecording('ollama')
  const server = await startFakeServer(recording.exchanges)
  onTestFinished(() => server.close())
  const text = await installedModel('smollm2-135m')
  const upstream = await openOllama({ url: server.url, model: 'smol', ...text })
  onTestFinished(() => upstream.close())
  const { greedy, greedyText, chain, drawn, controls, hostileControls } = await playScenario(
    upstream,
    PLAIN_WORDS,
  )

  expect(upstream.limits).toEqual({ contextTokens: 4096, maxCandidates: 20, maxInFlight: 1 })
  for (const { token, distribution } of greedy) expect(distribution.ids[0]).toBe(token)
  expect(greedyText).not.toContain('\ufffd')
  expect(greedyText.length).toBeGreaterThan(10)
  const best = chain.map(({ ids }) => ids[0])
  const [first, second, third] = greedy.map(({ token }) => token)
  expect(best).toEqual([first, third, second])
  expect(drawn.length).toBeGreaterThan(3)
  expect([controls > 2, hostileControls]).toEqual([true, controls])
})
