import type { ModelText } from '../../models/model-text.ts'
import { ByteTokens } from '../../steer/alignment/byte-tokens.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

type TokenText = Pick<ModelText, 'tokenizer' | 'vocabulary'>

interface Tokenisations {
  /** The text as the tokenizer writes it. */
  encode(text: string): readonly TokenId[]
  /** The same, then the text begun by each other token that it begins with. */
  all(text: string): readonly (readonly TokenId[])[]
}

/** Texts of which `all` is kept: the values of profiles come again with each answer. */
const MOST_KEPT = 4000

const made = new WeakMap<Vocabulary, Tokenisations>()

/** How texts are written in the tokens of a model. */
export function tokenisationsOf(text: TokenText): Tokenisations {
  const known = made.get(text.vocabulary) ?? makeTokenisations(text)
  made.set(text.vocabulary, known)
  return known
}

function makeTokenisations({ tokenizer, vocabulary }: TokenText): Tokenisations {
  const byBytes = new ByteTokens(vocabulary)
  const kept = new Map<string, readonly (readonly TokenId[])[]>()
  const encode = (text: string): readonly TokenId[] => {
    const bytes = Buffer.from(text)
    const tokens = tokenizer.encode(text)
    const read = Buffer.concat(tokens.map((token: TokenId) => vocabulary.bytes(token)))
    // Some tokenizers begin each text with a space
    return read.equals(bytes) ? tokens : byBytes.split(bytes)
  }
  const begunOtherwise = (text: string, usual: readonly TokenId[]) =>
    Array.from(text).flatMap((_, index, characters) => {
      const begun = characters.slice(0, index + 1).join('')
      const token = begun.trim() === '' ? undefined : byBytes.find(Buffer.from(begun))
      return token === undefined || token === usual[0] ? [] : [[token, ...encode(text.slice(begun.length))]]
    })
  return {
    encode,
    all(text) {
      const known = kept.get(text)
      if (known !== undefined) return known
      const usual = encode(text)
      const all = [usual, ...begunOtherwise(text, usual)]
      if (kept.size >= MOST_KEPT) kept.clear()
      kept.set(text, all)
      return all
    },
  }
}
