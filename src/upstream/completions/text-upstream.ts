import { setTimeout } from 'node:timers/promises'
import type { BackgroundTokenizer } from '../../slm/encoding-thread/background-tokenizer.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DistributionsQuery, StreamedToken, StreamQuery, Upstream } from '../../steer/upstream.ts'
import type { HttpEndpoint } from '../http/http-endpoint.ts'
import { type ServedModel, ServedUpstream } from '../served/served-upstream.ts'
import type { PromptText } from './prompt-text.ts'
import { completionsStream } from './stream.ts'
import type { TextServer } from './text-server.ts'

interface TextModel extends ServedModel {
  readonly encodeChat: Upstream['encodeChat']
  readonly promptText: PromptText
  /** The server divides log-probabilities by the temperature. */
  readonly scalesLogprobs: boolean
  /** The server leaves candidates out of streams: ask for those of each token, and draw it here. */
  readonly tokenByToken?: boolean
}

/** A guess that cannot be asked behind is refused after this time, so that nobody asks again at once. */
const REFUSAL_MS = 50

/** Encodes conversations with the model's own files. */
export function localChatEncoding(
  background: BackgroundTokenizer,
  contextTokens: number,
): Upstream['encodeChat'] {
  return async ({ messages, ...rest }: ChatPrompt, signal) => {
    signal.throwIfAborted()
    const encode = { signal, atMost: contextTokens }
    return background.run((tokenizer) => tokenizer.encodeChat(messages, rest), encode)
  }
}

/** An upstream whose server reads prompts as text. */
export class TextUpstream extends ServedUpstream<TextServer> {
  readonly encodeChat: Upstream['encodeChat']
  readonly #model: TextModel

  constructor(endpoint: HttpEndpoint, server: TextServer, model: TextModel) {
    super(endpoint, server, model)
    this.encodeChat = model.encodeChat
    this.#model = model
  }

  async distributions({ prefixes, candidates, signal }: DistributionsQuery): Promise<Distribution[]> {
    for (const prefix of prefixes) this.room(prefix)
    if (prefixes.length === 0) return []
    await this.#refuseCutCharacters(prefixes, signal)
    return this.server.distributions(prefixes, candidates, signal)
  }

  async *stream(query: StreamQuery): AsyncGenerator<StreamedToken, void, undefined> {
    await this.#refuseCutCharacters([query.prefix], query.signal)
    const room = this.room(query.prefix)
    const { scalesLogprobs, tokenByToken = false } = this.#model
    yield* completionsStream(this.server, query, { room, scalesLogprobs, tokenByToken })
  }

  async #refuseCutCharacters(prefixes: readonly (readonly TokenId[])[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.server.asksInside) return
    const { promptText } = this.#model
    const cut = prefixes.find((prefix) => !promptText.isWhole(prefix))
    if (cut === undefined) return
    await setTimeout(REFUSAL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    // Throws, since no text ends inside a character.
    promptText.write(cut)
  }
}
