import type { Distribution } from '../../steer/distribution.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { CandidateList } from '../served/candidate-list.ts'
import type { PromptText } from './prompt-text.ts'
import type { CompletionPosition } from './replies.ts'
import type { NamedToken, TextTokens } from './text-tokens.ts'

export interface NamedCandidatesOptions {
  /** Names the server in error messages. */
  readonly where: string
  readonly vocabulary: Vocabulary
  readonly promptText: PromptText
  readonly textTokens: TextTokens
}

/** Of a character; no token before them matters to it. */
const MOST_BYTES = 4

/** What a server of texts names, as tokens behind a prefix: those that can be told and asked behind. */
export class NamedCandidates {
  /** Whether the server can be asked behind a token inside a character, since it takes token ids. */
  asksInside = false
  readonly #options: NamedCandidatesOptions

  constructor(options: NamedCandidatesOptions) {
    this.#options = options
  }

  isEnd(token: TokenId): boolean {
    return this.#options.vocabulary.endTokens.has(token)
  }

  /** Null where the name fits no token, or several, or where the server could not be asked behind it. */
  tokenAt(prefix: readonly TokenId[], name: NamedToken): TokenId | null {
    const id = this.#options.textTokens.find(name)
    if (id === null) return null
    if (this.asksInside || this.isEnd(id)) return id
    return this.#options.promptText.isWhole([...prefix.slice(-MOST_BYTES), id]) ? id : null
  }

  /** Candidates that are no such tokens are left out; null when none is left. */
  distributionAt(
    prefix: readonly TokenId[],
    { top }: Pick<CompletionPosition, 'top'>,
    candidates: number,
  ): Distribution | null {
    const { vocabulary, where } = this.#options
    const list = new CandidateList({ where, vocabularySize: vocabulary.size, rows: vocabulary.size })
    const seen = new Set<TokenId>()
    let dropped = 0
    for (const entry of top) {
      const id = this.tokenAt(prefix, entry.token)
      if (id !== null && !seen.has(id)) {
        seen.add(id)
        list.add(id, entry.logprob)
      } else dropped++
    }
    if (seen.size === 0) return null
    const distribution = list.distribution(Math.min(candidates, seen.size))
    return dropped === 0 ? distribution : { ...distribution, complete: false, hasGaps: true }
  }
}
