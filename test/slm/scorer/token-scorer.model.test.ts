import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import { openTokenScorer, type TokenScorer } from '../../../src/slm/scorer/token-scorer.ts'
import { installedModel } from '../installed-model.ts'

const engine = startEngine()
let scorer: TokenScorer
let prefixes: Awaited<ReturnType<typeof prefixesOf>>

async function prefixesOf() {
  const { tokenizer } = await installedModel('smollm2-135m')
  const text = tokenizer.encode('The ferry leaves at six, and nobody waits for those who are late.')
  return text.map((_, length) => text.slice(0, length + 1))
}

beforeAll(async () => {
  const { graph, vocabulary } = await installedModel('smollm2-135m')
  scorer = await openTokenScorer({ engine, graph, endTokens: vocabulary.endTokens })
  prefixes = await prefixesOf()
})
afterAll(() => engine.close())

test('log-probabilities of named tokens are those of the whole distribution', async () => {
  const { signal } = new AbortController()
  const whole = await scorer.distributions({ prefixes, candidates: 1000, signal })
  const ids = whole.map((distribution) => distribution.ids.slice(0, 50).reverse())
  const named = await scorer.logprobs({ prefixes, ids, signal })
  expect(named).toHaveLength(prefixes.length)
  for (const [index, logprobs] of named.entries()) {
    const expected = [...(whole[index]?.logprobs.slice(0, 50) ?? [])].reverse()
    for (const [place, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(expected[place] ?? 0, 4)
  }
})

test('no tokens are no log-probabilities', async () => {
  const { signal } = new AbortController()
  expect(await scorer.logprobs({ prefixes: [], ids: [], signal })).toEqual([])
  const [none] = await scorer.logprobs({ prefixes: prefixes.slice(0, 1), ids: [new Int32Array(0)], signal })
  expect(none).toHaveLength(0)
})
