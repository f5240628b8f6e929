import { createHash } from 'node:crypto'
import { type TokenId, tokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import { tokenByteTable } from '../tokenizer-files/token-bytes.ts'
import { type TokenizerSource, tokenStrings } from '../tokenizer-files/tokenizer-source.ts'
import { templateEndToken } from './chat-template.ts'

/**
 * SHA-256 over the token strings in id order. Unused ids count as empty and trailing ones not at all,
 * so that models of one family whose output heads are padded differently have the same fingerprint.
 */
export function vocabularyFingerprint(strings: readonly (string | undefined)[]): string {
  let used = strings.length
  while (used > 0 && strings[used - 1] === undefined) used--
  const hash = createHash('sha256')
  const lines = Array.from(strings.slice(0, used), (token) => JSON.stringify(token ?? ''))
  return hash.update(lines.join('\n')).digest('hex')
}

/** Builds the vocabulary from a model's files. Throws GatewayError `model_file_invalid`. */
export function createVocabulary(source: TokenizerSource): Vocabulary {
  const strings = tokenStrings(source.tokenizerJson)
  const templateEnd = templateEndToken(source)
  const endStrings = new Set([source.eosToken, templateEnd].filter((token) => token !== null))
  const endTokens = new Set<TokenId>(source.endTokenIds.map(tokenId))
  for (const [id, token] of strings.entries()) {
    if (token !== undefined && endStrings.has(token)) endTokens.add(tokenId(id))
  }
  return {
    size: Math.max(source.modelVocabularySize ?? 0, strings.length),
    fingerprint: vocabularyFingerprint(strings),
    bytes: tokenByteTable(source, strings),
    endTokens,
  }
}
