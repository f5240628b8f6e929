import type { Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { Distribution } from '../../../src/steer/distribution.ts'
import { gumbelNoise } from '../../../src/steer/sampling/gumbel-noise.ts'
import { type TokenId, tokenId, tokenIds } from '../../../src/steer/token-id.ts'
import type { StreamedToken, StreamQuery, Upstream } from '../../../src/steer/upstream.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'

const END = 256

/** A vocabulary whose tokens are the 256 bytes and one end token. */
export const byteVocabulary: Vocabulary = {
  size: 257,
  fingerprint: 'bytes',
  endTokens: new Set([tokenId(END)]),
  bytes: (token) => (token === END ? new Uint8Array(0) : Uint8Array.of(token)),
}

function encode(text: string): TokenId[] {
  return tokenIds(new TextEncoder().encode(text))
}

/** One token a byte; conversations are "role: content" lines. */
export const byteTokenizer: Tokenizer = {
  promptStart: [],
  encode,
  encodePrompt: encode,
  encodeChat: (messages) =>
    encode(`${messages.map(({ role, content }) => `${role}: ${content}\n`).join('')}assistant: `),
}

/** The likeliest `count` of a table of logits, normalised over the table at `temperature`. */
export function topOf(logits: Float64Array, count: number, temperature = 1): Distribution {
  const scaled = logits.map((logit) => logit / temperature)
  const normaliser = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit), 0))
  const order = [...scaled.keys()].sort((a, b) => (scaled[b] ?? 0) - (scaled[a] ?? 0) || a - b)
  const ids = Int32Array.from(order.slice(0, count))
  return {
    ids,
    logprobs: Float64Array.from(ids, (id) => (scaled[id] ?? 0) - normaliser),
    complete: count >= logits.length,
  }
}

/** Logits that depend on the last bytes only, over printable characters. */
function logitsAfter(prefix: readonly TokenId[]): Float64Array {
  const [last = 0, before = 0] = [prefix.at(-1), prefix.at(-2)]
  return Float64Array.from({ length: 257 }, (_, id) => {
    const visible = id >= 32 && id < 127
    if (!visible && id !== END) return -30 - id / 1000
    return 3 * gumbelNoise(last * 257 + before, 1, id) - (id === END ? 6 : 0)
  })
}

async function* streamed({ prefix, candidates, maxTokens, sampling, signal }: StreamQuery) {
  const soFar = [...prefix]
  for (let step = 0; step < maxTokens; step++) {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const logits = logitsAfter(soFar)
    const { temperature, topK, seed } = sampling
    const scored = logits.map((logit, id) =>
      temperature === 0 || topK === 1 ? logit : logit / temperature + gumbelNoise(seed, step, id),
    )
    const token = tokenId(scored.indexOf(Math.max(...scored)))
    yield { token, distribution: topOf(logits, candidates) } satisfies StreamedToken
    if (token === END) return
    soFar.push(token)
  }
}

/** A tiny model of bytes, as an upstream. */
export const byteModel: Upstream = {
  model: 'bytes',
  vocabulary: byteVocabulary,
  limits: { contextTokens: 4_096, maxCandidates: 257, maxInFlight: 4 },
  encodeChat: async ({ messages }) => byteTokenizer.encodeChat(messages),
  distributions: async ({ prefixes, candidates }) =>
    prefixes.map((prefix) => topOf(logitsAfter(prefix), candidates)),
  stream: streamed,
  close: async () => {},
}
