import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import { startEngine } from '../../../src/slm/engine/engine.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { openCompletions } from '../../../src/upstream/completions/open.ts'
import { openEmbedded } from '../../../src/upstream/embedded.ts'
import { installedModel } from '../../slm/installed-model.ts'
import { collectedSteps } from '../contract/collected-steps.ts'
import { type CompletionsFakeOptions, startCompletionsFake } from './completions-fake.ts'

const signal = new AbortController().signal
const greedy = { temperature: 0, topP: 1, topK: 0, seed: 0 }

describe('a completions server over SmolLM2', () => {
  const engine = startEngine()
  const closing: { close(): unknown }[] = [engine]
  let model: Awaited<ReturnType<typeof installedModel>>
  let embedded: Upstream
  beforeAll(async () => {
    model = await installedModel('smollm2-135m')
    embedded = await openEmbedded({ model: 'smollm2-135m', engine, ...model })
    closing.unshift(embedded)
  })
  afterAll(async () => {
    for (const resource of closing) await resource.close()
  })

  async function opened(how: Pick<CompletionsFakeOptions, 'ids'>) {
    const fake = { upstream: embedded, ...model, shape: 'chat' as const, maxCandidates: 20, ...how }
    const server = await startCompletionsFake(fake)
    const upstream = await openCompletions({ url: server.url, candidates: 20, ...model })
    closing.unshift(upstream, server)
    return { server, upstream }
  }

  /** Letters one by one, which no tokenizer would make of the text, and the beginning of a character. */
  const spelled = () => unguarded([...'The fox'].flatMap((letter) => model.tokenizer.encode(letter)))
  const cut = () => unguarded(model.tokenizer.encode('fox = 🦊').slice(0, -1))

  test('that takes token ids is asked in them, inside characters too, and answers as the model does', async () => {
    const { upstream, server } = await opened({ ids: 'taken' })
    const query = { prefixes: [spelled(), cut()], candidates: 5, signal }
    const answers = await upstream.distributions(query)
    expect(server.requests.at(-1)?.body).toMatchObject({ prompt: query.prefixes })
    expect(answers.map(({ ids }) => [...ids])).toEqual(
      (await embedded.distributions(query)).map(({ ids }) => [...ids]),
    )
    const streamed = { prefix: cut(), candidates: 5, maxTokens: 6, sampling: greedy, signal }
    const tokens = async (from: Upstream) => {
      const steps = await collectedSteps(from.stream(streamed))
      return steps.map(({ token }) => token)
    }
    expect(await tokens(upstream)).toEqual(await tokens(embedded))
  })

  test.each([
    ['refuses them', {}],
    ['makes a text of them', { ids: 'decoded' as const }],
  ])('that %s is asked in text', async (_, how) => {
    const { upstream, server } = await opened(how)
    await upstream.distributions({ prefixes: [spelled()], candidates: 5, signal })
    expect(server.requests.at(-1)?.body).toMatchObject({ prompt: 'The fox' })
    const asking = upstream.distributions({ prefixes: [cut()], candidates: 5, signal })
    await expect(asking).rejects.toMatchObject({ code: 'upstream_incapable' })
  })
})
