import { describe, test } from 'vitest'
import { unguarded } from '../../../src/guard/public.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import type { DistributionsQuery, StreamQuery, Upstream } from '../../../src/steer/upstream.ts'
import { realServers } from './real-servers.ts'

const signal = new AbortController().signal
const greedy = { temperature: 0, topP: 1, topK: 0, seed: 0 }
const ROUNDS = 11
const PROMPT_REPEATS = 45

function say(line: string): void {
  void process.stdout.write(`${line}\n`)
}

/** Median and the middle half, of `ROUNDS` runs after two that warm the caches. */
async function timed(label: string, run: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS + 2; round++) {
    const start = performance.now()
    await run(round)
    if (round >= 2) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0)
  say(`${label.padEnd(58)} ${at(0.5).padStart(6)} ms  (${at(0.25)}-${at(0.75)}, best ${at(0)})`)
}

async function measureChains(upstream: Upstream, prompt: readonly TokenId[], answer: readonly TokenId[]) {
  const prefixAt = (length: number) => unguarded([...prompt, ...answer.slice(0, length)])
  const ask = (prefixes: DistributionsQuery['prefixes']) =>
    upstream.distributions({ prefixes, candidates: 20, signal })
  for (const positions of [4, 8]) {
    for (const step of [1, 4]) {
      const chain = (round: number) =>
        Array.from({ length: positions }, (_, at) => prefixAt(round * step + at))
      const label = `${positions} prefixes, ${step} further each round`
      await timed(`${label}, one batch`, (round) => ask(chain(round)))
      await timed(`${label}, one request each`, (round) =>
        Promise.all(chain(round).map((prefix) => ask([prefix]))),
      )
    }
  }
}

async function measure(upstream: Upstream): Promise<void> {
  const story = 'Tell me more about the fox who learned to sail. '.repeat(PROMPT_REPEATS)
  const messages = [{ role: 'user' as const, content: `Tell a very long story. ${story}` }]
  const prompt = unguarded(await upstream.encodeChat(unguarded({ messages }), signal))
  // Any tokens will do for a chain: those of the prompt never end early.
  const answer = prompt.slice(16, 96)
  const query = { prefix: prompt, sampling: greedy, signal }
  say(`prompt of ${prompt.length} tokens`)
  for (const candidates of [20, 100, 1000]) {
    await timed(`one distribution, K = ${candidates}, one token further each round`, (round) =>
      upstream.distributions({
        prefixes: [unguarded([...prompt, ...answer.slice(0, round)])],
        candidates,
        signal,
      }),
    )
  }
  await measureChains(upstream, prompt, answer)
  for (const candidates of [1, 100, 1000]) {
    const rates: number[] = []
    for (let run = 0; run < 3; run++)
      rates.push(await tokensPerSecond(upstream, { ...query, candidates, maxTokens: 32 }))
    say(`stream, K = ${candidates}: ${rates.map((rate) => rate.toFixed(1)).join(', ')} tokens/s`)
  }
}

/** After the first token. */
async function tokensPerSecond(upstream: Upstream, query: StreamQuery): Promise<number> {
  let firstAt = 0
  let tokens = 0
  for await (const _ of upstream.stream(query)) if (tokens++ === 0) firstAt = performance.now()
  return (tokens - 1) / ((performance.now() - firstAt) / 1000)
}

/** Prints figures instead of checking them: they depend on the machine. */
describe('latency', () => {
  for (const server of realServers) {
    const skipped = process.env.COSTEER_TEST_LATENCY ? server.skipped : 'COSTEER_TEST_LATENCY is not set'
    test.skipIf(skipped !== null)(`${server.name}${skipped ? ` is skipped: ${skipped}` : ''}`, async () => {
      const { upstream } = await server.open()
      say(`\n${server.name}`)
      await measure(upstream)
      await upstream.close()
    })
  }
})
