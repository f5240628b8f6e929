import { byteOfCharacter } from '../tokenizer-files/token-bytes.ts'
import { isControlToken, type TokenizerJson } from '../tokenizer-files/tokenizer-source.ts'
import { mergeSymbols } from './merge-symbols.ts'
import { createMergeTable, type MergeTable } from './merge-table.ts'

/**
 * A BPE model as plain data. Its symbols are the texts that merging begins with or arrives at, numbered
 * from 0; most of them are tokens. Texts are in the alphabet of the model: of a byte-level one, a
 * character for each byte.
 */
export interface BytePairTables {
  readonly merges: MergeTable
  /** The token id of each symbol, -1 where it is no token. */
  readonly tokens: Int32Array
  /** The texts of those that are none. */
  readonly unlisted: ReadonlyMap<number, string>
  /** The symbol of each single character, by code point. */
  readonly characters: ReadonlyMap<number, number>
  /**
   * Tokens that are taken whole where they are all of a piece, though merging does not lead to them, by
   * their real text.
   */
  readonly whole: ReadonlyMap<string, number>
  /**
   * Token ids of `<0x00>` to `<0xFF>`, -1 for missing ones; null where unknown text is not spelled in
   * bytes.
   */
  readonly byteTokens: Int32Array | null
  /** What stands for text that is no token: null drops it, -1 is a token that the vocabulary lacks. */
  readonly unknown: number | null
  /** Several unknown texts in a row become one token. */
  readonly fusesUnknown: boolean
}

/** Null for a model that is no BPE, or one whose words end or go on with a suffix. */
export function createBytePairTables(
  { model, added_tokens }: TokenizerJson,
  { bytewise }: { readonly bytewise: boolean },
): BytePairTables | null {
  const { type, vocab, end_of_word_suffix, continuing_subword_suffix } = model
  if (type !== 'BPE' || Array.isArray(vocab) || model.merges == null) return null
  if (end_of_word_suffix || continuing_subword_suffix != null) return null
  const ids = new Map(Object.entries(vocab))
  for (const token of added_tokens) if (!isControlToken(token)) ids.set(token.content, token.id)
  const { symbols, merges } = numbered(ids, model.merges, model.merge_ranks ?? null)
  const tokens = new Int32Array(new SharedArrayBuffer(symbols.size * Int32Array.BYTES_PER_ELEMENT))
  const unlisted = new Map<number, string>()
  const characters = new Map<number, number>()
  for (const [text, symbol] of symbols) {
    const token = ids.get(text)
    tokens[symbol] = token ?? -1
    if (token === undefined) unlisted.set(symbol, text)
    if (isOneCharacter(text)) characters.set(text.codePointAt(0) as number, symbol)
  }
  const merging = { merges, tokens, characters }
  const byteTokens = Int32Array.from({ length: 256 }, (_, byte) => ids.get(byteToken(byte)) ?? -1)
  return {
    ...merging,
    unlisted,
    whole: model.ignore_merges ? wholeTokens(ids, merging, bytewise) : new Map(),
    byteTokens: model.byte_fallback ? byteTokens : null,
    unknown: model.unk_token == null ? null : (ids.get(model.unk_token) ?? -1),
    fusesUnknown: model.fuse_unk === true,
  }
}

/** Numbers the texts that take part in merging. */
function numbered(
  ids: ReadonlyMap<string, number>,
  listed: NonNullable<TokenizerJson['model']['merges']>,
  ranks: readonly number[] | null,
) {
  const symbols = new Map<string, number>()
  const symbolOf = (text: string) => {
    const known = symbols.get(text)
    if (known !== undefined) return known
    symbols.set(text, symbols.size)
    return symbols.size - 1
  }
  for (const text of ids.keys()) if (isOneCharacter(text)) symbolOf(text)
  const merges = createMergeTable(
    listed.map((merge, at) => {
      const [left = '', right = ''] = typeof merge === 'string' ? merge.split(' ', 2) : merge
      const [first, second, result] = [symbolOf(left), symbolOf(right), symbolOf(left + right)]
      return { left: first, right: second, result, rank: ranks?.[at] ?? at }
    }),
  )
  return { symbols, merges }
}

function isOneCharacter(text: string): boolean {
  return text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
}

/** The tokens that merging their own characters does not give. */
function wholeTokens(
  ids: ReadonlyMap<string, number>,
  { merges, tokens, characters }: Pick<BytePairTables, 'merges' | 'tokens' | 'characters'>,
  bytewise: boolean,
): ReadonlyMap<string, number> {
  const whole = new Map<string, number>()
  for (const [text, id] of ids) {
    const symbols = Int32Array.from(text, (character) => characters.get(character.codePointAt(0) ?? 0) ?? -1)
    const left = mergeSymbols(symbols, symbols.length, merges)
    if (left === 1 && tokens[symbols[0] as number] === id) continue
    const real = bytewise ? spelledInBytes(text) : text
    if (real !== null) whole.set(real, id)
  }
  return whole
}

/** The text whose bytes the characters stand for; null where they are no text. */
function spelledInBytes(characters: string): string | null {
  const bytes = Array.from(characters, (character) => byteOfCharacter.get(character))
  if (bytes.includes(undefined)) return null
  const text = Buffer.from(bytes as number[]).toString()
  return Buffer.from(text).equals(Buffer.from(bytes as number[])) ? text : null
}
