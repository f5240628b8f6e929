import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import type { AnswerRequest, PublicPrompt } from '../../../src/gateway/answer-request.ts'
import { openGateway } from '../../../src/gateway/opening/open-gateway.ts'
import { type ModelText, readModelText } from '../../../src/models/model-text.ts'
import { pullModel } from '../../../src/models/pull.ts'
import type { ChatMessage } from '../../../src/steer/chat-prompt.ts'
import { type TokenId, tokenIds } from '../../../src/steer/token-id.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { tinyHome } from '../../suites/faults/tiny-home.ts'
import { recordingServer } from '../recording-server.ts'

/** A profile with private values of which a tiny model knows nothing. */
const guardedProfile = `id: noor
name: Noor Lindqvist
private:
  - { kind: person, value: Noor Lindqvist, forms: [Noor, Lindqvist] }
  - { kind: place, value: Stromness }
  - { kind: organisation, value: Kyoto University }
  - { kind: phone, value: +44 20 7946 0958 }
facts:
  - Her name is Noor Lindqvist. She lives in Stromness.
  - She studies mosses at Kyoto University.
  - Her address is noor@moss.example.org, her telephone number +44 20 7946 0958.
`

/** As the profile declares them, and what has a pattern. */
export const guardedForms = [
  'Noor',
  'Lindqvist',
  'Stromness',
  'Kyoto University',
  '+44 20 7946 0958',
  'noor@moss.example.org',
]

export function user(content: string): ChatMessage {
  return { role: 'user', content }
}

type TokenText = Pick<ModelText, 'tokenizer' | 'vocabulary'>

/** An upstream that tells distributions alone; `next` ranks what may come, likeliest first. */
export function rankingUpstream(
  { tokenizer, vocabulary }: TokenText,
  next: (prefix: readonly TokenId[]) => readonly TokenId[],
): Upstream {
  const most = 30
  const distribution = (prefix: readonly TokenId[], candidates: number) => {
    const ranked = next(prefix).slice(0, most)
    const normaliser = Math.log(ranked.reduce((sum, _, rank) => sum + Math.exp(-3 * rank), 0)) + 0.01
    return {
      ids: Int32Array.from(ranked.slice(0, candidates)),
      logprobs: Float64Array.from(ranked.slice(0, candidates), (_, rank) => -3 * rank - normaliser),
      complete: false,
    }
  }
  return {
    model: 'ranking',
    vocabulary,
    limits: { contextTokens: 8_000, maxCandidates: most, maxInFlight: 4 },
    encodeChat: async ({ messages, ...rest }) => tokenizer.encodeChat(messages, rest),
    distributions: async ({ prefixes, candidates }) =>
      prefixes.map((prefix) => distribution(prefix, candidates)),
    stream: () => {
      throw new Error('the server asks for distributions alone')
    },
    close: async () => {},
  }
}

/**
 * A server in front of `upstream`, and two gateways that ask it: the first looks ahead, the second decodes
 * token by token.
 */
export async function guardedGateways(upstreamOf: (text: TokenText) => Upstream) {
  const home = await tinyHome()
  const text = await readModelText(await pullModel('tiny', { environment: home.environment }))
  const upstream = upstreamOf(text)
  const read: (readonly TokenId[])[] = []
  const server = await recordingServer({
    upstream: {
      ...upstream,
      distributions: (query) => {
        read.push(...query.prefixes)
        return upstream.distributions(query)
      },
    },
    tokenizer: text.tokenizer,
  })
  const folder = await mkdtemp(join(tmpdir(), 'costeer-guard-'))
  await writeFile(join(folder, 'noor.yaml'), guardedProfile)
  const opened = async (lookahead: 'auto' | 'off') => {
    const configFile = join(folder, `${lookahead}.yml`)
    await writeFile(
      configFile,
      `upstreams:\n  seen: { kind: llama-cpp, url: "${server.url}", model: recorded, candidates: 30 }\nlocal: { model: tiny }\nmodels: { catch_all: seen }\nprofiles: { folder: . }\nsteering: { lookahead: ${lookahead} }\n`,
    )
    const loaded = await loadConfig(configFile)
    const gateway = await openGateway(loaded, { environment: home.environment })
    return { gateway, settings: loaded.config.server }
  }
  const both = [await opened('auto'), await opened('off')] as const
  return {
    server,
    both,
    /** What the model behind the server has read in this answer: what was sent, and what it went on with. */
    read,
    textOf: (ids: readonly number[]) =>
      Buffer.concat(tokenIds(ids).map((id) => Buffer.from(text.vocabulary.bytes(id)))).toString(),
    /** All events of an answer of one of the gateways, and the tokens of its prompt. */
    async answered(gateway: 0 | 1, prompt: PublicPrompt, change: Partial<AnswerRequest> = {}) {
      server.received.length = 0
      read.length = 0
      const prepared = await both[gateway].gateway.prepare({
        model: 'any',
        prompt,
        sampling: { temperature: 0, topP: 1, topK: 0, seed: 7 },
        maxTokens: 24,
        stop: [],
        choices: 1,
        caller: { profile: 'noor' },
        overrides: { strength: 0.05 },
        trace: false,
        signal: new AbortController().signal,
        ...change,
      })
      const events: AnswerEvent[] = []
      for (const choice of prepared.choices) for await (const event of choice) events.push(event)
      return { events, promptTokens: prepared.promptTokens }
    },
    /** The token ids of each prefix that the server was asked about. */
    sentPrefixes(): number[][] {
      return server.received.flatMap(({ path, body }) => {
        if (path !== '/completion') return []
        const { prompt } = JSON.parse(body) as { prompt: number[] | number[][] }
        return Array.isArray(prompt[0]) ? (prompt as number[][]) : [prompt as number[]]
      })
    },
    async close() {
      for (const { gateway } of both) await gateway.close()
      await server.close()
      await home.remove()
    },
  }
}

export function clientText(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}
