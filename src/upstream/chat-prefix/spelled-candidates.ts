import { LRUCache } from 'lru-cache'
import type { ControlTokens } from '../../slm/text/control-tokens.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import { ByteTokens } from '../../steer/alignment/byte-tokens.ts'
import type { Distribution } from '../../steer/distribution.ts'
import { logSumExp } from '../../steer/log-sum-exp.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { PromptText } from '../completions/prompt-text.ts'
import type { CompletionPosition } from '../completions/replies.ts'
import { type NamedToken, TextTokens } from '../completions/text-tokens.ts'
import { CandidateList } from '../served/candidate-list.ts'

export interface SpelledCandidatesOptions {
  /** Names the service in error messages. */
  readonly where: string
  readonly vocabulary: Vocabulary
  readonly tokenizer: Pick<Tokenizer, 'encode'>
  readonly controlTokens: ControlTokens
  readonly promptText: PromptText
}

const SPELLINGS = 4_096
/** Of a character; no token before them matters to it. */
const MOST_BYTES = 4

/**
 * What a service names, as tokens of a vocabulary that need not be its own. A name that is no token here
 * counts for the first of the tokens that spell it.
 */
export class SpelledCandidates {
  /** How the service writes the token that ends an answer, where that was seen. */
  endName: string | null = null
  readonly #options: SpelledCandidatesOptions
  readonly #textTokens: TextTokens
  readonly #byteTokens: ByteTokens
  readonly #spellings = new LRUCache<string, readonly TokenId[]>({ max: SPELLINGS })
  readonly #end: TokenId | null

  constructor(options: SpelledCandidatesOptions) {
    const { vocabulary, controlTokens } = options
    this.#options = options
    this.#textTokens = new TextTokens(vocabulary, controlTokens)
    this.#byteTokens = new ByteTokens(vocabulary)
    this.#end = [...vocabulary.endTokens][0] ?? null
  }

  isEnd(token: TokenId): boolean {
    return this.#options.vocabulary.endTokens.has(token)
  }

  /**
   * The token of that very text; null where there is none, or the service could not be asked behind it.
   * `prefix` is the answer so far.
   */
  tokenAt(prefix: readonly TokenId[], name: NamedToken): TokenId | null {
    const [first, ...rest] = this.#tokensOf(name)
    if (first === undefined || rest.length > 0) return null
    return this.#canFollow(prefix, first) ? first : null
  }

  /** Null when no candidate is a token behind which the service can be asked. */
  distributionAt(
    prefix: readonly TokenId[],
    { top }: Pick<CompletionPosition, 'top'>,
    candidates: number,
  ): Distribution | null {
    const { vocabulary, where } = this.#options
    const sums = new Map<TokenId, number>()
    for (const { token, logprob } of top) {
      const [first] = this.#tokensOf(token)
      if (first === undefined || !this.#canFollow(prefix, first)) continue
      const before = sums.get(first)
      sums.set(
        first,
        before === undefined ? logprob : Math.min(0, logSumExp(Float64Array.of(before, logprob))),
      )
    }
    if (sums.size === 0) return null
    const list = new CandidateList({ where, vocabularySize: vocabulary.size, rows: vocabulary.size })
    for (const [id, logprob] of sums) list.add(id, logprob)
    // Names that were not told may begin with any token
    return { ...list.distribution(Math.min(candidates, sums.size)), complete: false, hasGaps: true }
  }

  /** What is known where the service ended its answer without a word: that it would. */
  certainEnd(): Distribution | null {
    if (this.#end === null) return null
    return { ids: Int32Array.of(this.#end), logprobs: Float64Array.of(0), complete: false, hasGaps: true }
  }

  get endToken(): TokenId | null {
    return this.#end
  }

  /**
   * Services lose white space at the beginning of an answer that they continue, and there is no text that
   * ends inside a character.
   */
  #canFollow(prefix: readonly TokenId[], token: TokenId): boolean {
    if (this.isEnd(token)) return true
    const { promptText, vocabulary } = this.#options
    if (prefix.length === 0 && /^\s/.test(Buffer.from(vocabulary.bytes(token)).toString())) return false
    return promptText.isWhole([...prefix.slice(-MOST_BYTES), token])
  }

  /** The tokens that spell a name; none for one that stands for no text. */
  #tokensOf(name: NamedToken): readonly TokenId[] {
    const { text } = name
    if (this.#end !== null && text === this.endName) return [this.#end]
    const known = this.#spellings.get(keyOf(name))
    if (known !== undefined) return known
    const spelled = this.#spelled(name)
    this.#spellings.set(keyOf(name), spelled)
    return spelled
  }

  #spelled(name: NamedToken): readonly TokenId[] {
    const bytes = bytesOf(name)
    // A service that tells half a character as a replacement character tells nothing of it
    if (bytes === null) return []
    const token = this.#textTokens.find({ text: name.text, bytes: [...bytes] })
    if (token !== null) return this.isEnd(token) || !this.#options.controlTokens.has(token) ? [token] : []
    if (looksLikeControl(name.text)) return []
    const { tokenizer, vocabulary } = this.#options
    const own = name.text.includes('\ufffd') ? [] : tokenizer.encode(name.text)
    const spells = Buffer.concat(own.map((id) => vocabulary.bytes(id))).equals(bytes)
    return spells ? own : this.#byteTokens.split(bytes)
  }
}

function keyOf({ text, bytes }: NamedToken): string {
  return bytes === null || bytes === undefined ? `t${text}` : `b${Buffer.from(bytes).toString('latin1')}`
}

function bytesOf({ text, bytes }: NamedToken): Buffer | null {
  const ofText = Buffer.from(text, 'utf8')
  if (bytes === null || bytes === undefined) return text.includes('\ufffd') ? null : ofText
  const own = Buffer.from(bytes)
  return text.includes('\ufffd') && own.equals(ofText) ? null : own
}

/** Control tokens of models that nobody here knows. */
function looksLikeControl(text: string): boolean {
  return /^(<[|｜][^<>]*[|｜]>|<\/?s>|<(bos|eos|pad|unk|end_of_turn|start_of_turn)>|\[\/?INST\])$/.test(text)
}
