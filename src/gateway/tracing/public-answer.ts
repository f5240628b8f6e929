import type { DecodeEvent } from '../../steer/decoding/decode.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import { PublicSequence } from '../../steer/guard/public-sequence.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { AnswerPieces } from '../answering/answer-pieces.ts'

interface FollowedAnswer {
  readonly prompt: PublicTokens
  readonly guard: DecodeGuard
  /** Turns tokens behind the prompt into what they say. */
  readonly pieces: () => AnswerPieces
}

/** Follows an answer, to tell what of it the upstream reads. */
export class PublicAnswer {
  readonly #sequence: PublicSequence
  readonly #pieces: FollowedAnswer['pieces']

  constructor({ prompt, guard, pieces }: FollowedAnswer) {
    this.#sequence = new PublicSequence(prompt, guard)
    this.#pieces = pieces
  }

  /** The same events. */
  async *follow(events: AsyncIterable<DecodeEvent>): AsyncGenerator<DecodeEvent, void, undefined> {
    for await (const event of events) {
      if (event.type === 'token-emitted') this.#sequence.take(event.token)
      yield event
    }
  }

  /** The answer's text so far as it stands in the upstream's prefix, without thoughts and calls. */
  get text(): string {
    const pieces = this.#pieces()
    const common = {
      type: 'token-emitted',
      logprob: 0,
      alternatives: [],
      steered: true,
      certified: true,
    } as const
    const told = this.#sequence.answer.map((token) => pieces.push({ ...common, token }))
    return [...told, pieces.finish()]
      .flatMap(({ events }) => events)
      .map((event) => (event.type === 'answer-delta' ? event.text : ''))
      .join('')
  }
}
