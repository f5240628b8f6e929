import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

/**
 * What the token ids of a request to the upstream read, for people; undefined when its body holds none. A
 * prompt is one list of ids or a list of such lists, which are then shown one a line.
 */
export function requestText(body: string, vocabulary: Vocabulary): string | undefined {
  const prompt = promptOf(body)
  if (isTokenList(prompt)) return readable(prompt, vocabulary)
  if (!Array.isArray(prompt) || prompt.length === 0 || !prompt.every(isTokenList)) return undefined
  return prompt.map((tokens) => readable(tokens, vocabulary)).join('\n')
}

function promptOf(body: string): unknown {
  try {
    const { prompt, input_ids } = JSON.parse(body) as { prompt?: unknown; input_ids?: unknown }
    return prompt ?? input_ids
  } catch {
    return undefined
  }
}

function isTokenList(value: unknown): value is readonly TokenId[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item))
}

function readable(tokens: readonly TokenId[], vocabulary: Vocabulary): string {
  const known = tokens.filter((token) => token >= 0 && token < vocabulary.size)
  return Buffer.concat(known.map((token) => vocabulary.bytes(token))).toString('utf8')
}
