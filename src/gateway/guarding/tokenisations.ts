import type { ModelText } from '../../models/model-text.ts'
import type { SlicedWork } from '../../sliced-work.ts'
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

/** Texts that are kept of each: values of profiles, and gaps, come again with each answer. */
const MOST_KEPT = 4000

const made = new WeakMap<Vocabulary, Tokenisations>()

/** How texts are written in the tokens of a model, which are looked at once. */
export function* tokenisationsOf(text: TokenText): SlicedWork<Tokenisations> {
  const known = made.get(text.vocabulary)
  if (known !== undefined) return known
  const byBytes = yield* ByteTokens.making(text.vocabulary)
  const tokenisations = makeTokenisations(text, byBytes)
  made.set(text.vocabulary, tokenisations)
  return tokenisations
}

function makeTokenisations({ tokenizer, vocabulary }: TokenText, byBytes: ByteTokens): Tokenisations {
  const written = (text: string): readonly TokenId[] => {
    const bytes = Buffer.from(text)
    const tokens = tokenizer.encode(text)
    const read = Buffer.concat(tokens.map((token: TokenId) => vocabulary.bytes(token)))
    // Some tokenizers begin each text with a space
    return read.equals(bytes) ? tokens : byBytes.split(bytes)
  }
  const encode = remembered(written)
  const begunOtherwise = (text: string, usual: readonly TokenId[]) =>
    Array.from(text).flatMap((_, index, characters) => {
      const begun = characters.slice(0, index + 1).join('')
      const token = begun.trim() === '' ? undefined : byBytes.find(Buffer.from(begun))
      return token === undefined || token === usual[0] ? [] : [[token, ...written(text.slice(begun.length))]]
    })
  const all = remembered((text) => {
    const usual = encode(text)
    return [usual, ...begunOtherwise(text, usual)]
  })
  return { encode, all }
}

function remembered<Value>(make: (text: string) => Value): (text: string) => Value {
  const kept = new Map<string, Value>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const value = make(text)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(text, value)
    return value
  }
}
