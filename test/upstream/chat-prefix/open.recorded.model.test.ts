import { expect, onTestFinished, test } from 'vitest'
import { openChatPrefix } from '../../../src/upstream/chat-prefix/open.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { PLAIN_WORDS, playScenario, readRecording } from '../recorded/recorded-scenario.ts'
import { startFakeServer } from '../recorded/recorded-server.ts'

test("the chat route of a real vLLM over Qwen, as it answered, is read in SmolLM2's tokens", async () => {
  const { recording } = readRecording('chat-prefix')
  const server = await startFakeServer(recording.exchanges)
  onTestFinished(() => server.close())
  const text = await installedModel('smollm2-135m')
  const upstream = await openChatPrefix({ url: server.url, candidates: 20, ...text })
  onTestFinished(() => upstream.close())
  const { greedy, greedyText, chain, drawn } = await playScenario(upstream, PLAIN_WORDS)

  expect(upstream.limits).toEqual({ contextTokens: 4096, maxCandidates: 20, maxInFlight: 1 })
  for (const { token, distribution } of greedy) expect(distribution.ids[0]).toBe(token)
  expect(greedyText).not.toContain('\ufffd')
  expect(greedyText.length).toBeGreaterThan(10)
  const best = chain.map(({ ids }) => ids[0])
  const [first, second, third] = greedy.map(({ token }) => token)
  expect(best).toEqual([first, third, second])
  expect(drawn.length).toBeGreaterThan(3)
})
