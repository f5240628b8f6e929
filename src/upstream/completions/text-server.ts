import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { UpstreamSampling } from '../../steer/upstream.ts'

export interface TextStreamQuery {
  readonly candidates: number
  readonly maxTokens: number
  readonly sampling: UpstreamSampling
}

/** One position of a stream. */
export interface NamedStep {
  /** Null where the server's name for it fits no token, or several. */
  readonly token: TokenId | null
  /**
   * Null where the server left out tokens before the one that it names, or all candidates are inside
   * characters.
   */
  readonly distribution: Distribution | null
}

/** A server that reads prompts as text and names tokens by theirs. */
export interface TextServer {
  /** Names the server in error messages. */
  readonly where: string
  /** Whether it can be asked behind a token inside a character. */
  readonly asksInside: boolean
  /** One distribution for each prompt, in order. */
  distributions(
    prompts: readonly (readonly TokenId[])[],
    candidates: number,
    signal: AbortSignal,
  ): Promise<Distribution[]>
  /** A running continuation up to and with its end token, or up to a token that cannot be told. */
  stream(
    prompt: readonly TokenId[],
    query: TextStreamQuery,
    signal: AbortSignal,
  ): AsyncGenerator<NamedStep, void, undefined>
  isEnd(token: TokenId): boolean
}
