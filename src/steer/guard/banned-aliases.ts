import { FormMatcher } from '../../guard/matching/form-matcher.ts'
import { isBanned, type ScoreAdjustments } from '../sampling/score-adjustments.ts'
import type { TokenId } from '../token-id.ts'
import type { DecodeGuard } from './decode-guard.ts'
import { beginReading, readToken } from './read-token.ts'

/** Tokens from the end of a text that an alias may have. */
const MOST_TOKENS = 64

/**
 * The guard of an answer to a client that bans tokens: it may not read a value that holds one, so that the
 * upstream may not write its alias either.
 */
export function withBans(guard: DecodeGuard, adjustments: ScoreAdjustments | undefined): DecodeGuard {
  const { aliasesBy, vocabulary } = guard
  const banned = [...aliasesBy.values()]
    .flat()
    .filter(({ tokens }) => tokens.some((token) => isBanned(token, adjustments?.bias)))
  if (banned.length === 0) return guard
  const texts = banned.map(({ path }) => {
    const decoder = new TextDecoder()
    return path.map((token) => decoder.decode(vocabulary.bytes(token), { stream: true })).join('')
  })
  const bannedAliases = new FormMatcher(texts, { isWholeWords: true })
  return { ...guard, bannedAliases }
}

/** Whether a token behind `prefix` would end the alias of a value that the client bans. */
export function completesBanned(
  { bannedAliases, vocabulary }: DecodeGuard,
  prefix: readonly TokenId[],
  token: TokenId,
): boolean {
  if (bannedAliases == null) return false
  const reader = { realForms: bannedAliases, vocabulary }
  let read = beginReading(reader)
  for (const one of prefix.slice(-MOST_TOKENS)) read = readToken(reader, read, one).read
  const { found, atEnd } = readToken(reader, read, token)
  return [...found, ...atEnd].some(({ end }) => end > read.match.length)
}
