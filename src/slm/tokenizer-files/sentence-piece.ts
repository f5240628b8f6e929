import type { TokenizerJson } from './tokenizer-source.ts'

/** How SentencePiece writes a space. */
const SPACE = '\u2581'

export interface SentencePieces {
  /** Ids and scores by piece; of two neighbours those merge first whose joint piece has the highest score. */
  readonly pieces: ReadonlyMap<string, { readonly id: number; readonly score: number }>
  /** A space stands before a text, and after every added token. */
  readonly startsWithSpace: boolean
  readonly unknown: string | null
}

/**
 * A SentencePiece model, which its file keeps as pieces with scores, as byte pair encoding. Every way to cut
 * a piece into two others is a merge, and pieces of the same score are of the same rank.
 */
export function sentencePieceParts({
  pieces,
  startsWithSpace,
  unknown,
}: SentencePieces): Pick<TokenizerJson, 'model' | 'normalizer' | 'pre_tokenizer'> {
  const merges: [string, string][] = []
  const ranks: number[] = []
  const ranked = Array.from(pieces).sort(([, a], [, b]) => b.score - a.score)
  let rank = 0
  for (const [at, [piece, { score }]] of ranked.entries()) {
    if (at > 0 && ranked[at - 1]?.[1].score !== score) rank++
    for (const [left, right] of cuts(piece)) {
      if (!isPiece(left, pieces) || !isPiece(right, pieces)) continue
      merges.push([left, right])
      ranks.push(rank)
    }
  }
  const replaced = { type: 'Replace', pattern: { String: ' ' }, content: SPACE }
  const prepended = { type: 'Prepend', prepend: SPACE }
  return {
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(Array.from(pieces, ([piece, { id }]) => [piece, id])),
      merges,
      merge_ranks: ranks,
      byte_fallback: true,
      unk_token: unknown,
    },
    normalizer: startsWithSpace ? { type: 'Sequence', normalizers: [prepended, replaced] } : replaced,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: wordPattern(pieces.keys()) },
      behavior: 'Isolated',
      invert: false,
    },
  }
}

/**
 * A vocabulary whose spaces are written as SentencePiece writes them, and whose merges are those of byte pair
 * encoding, in order: the first that fits a line is done first.
 */
export function mergedPieceParts({
  vocabulary,
  merges,
  unknown,
}: {
  readonly vocabulary: readonly (readonly [string, number])[]
  /** Two pieces with a space between them, each. */
  readonly merges: readonly string[]
  readonly unknown: string | null
}): Pick<TokenizerJson, 'model' | 'normalizer' | 'pre_tokenizer'> {
  return {
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(vocabulary),
      merges: [...merges],
      byte_fallback: true,
      unk_token: unknown,
    },
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: '[^\\n]+|\\n+' },
      behavior: 'Isolated',
      invert: false,
    },
  }
}

/** Single characters take part in merges even where they are no pieces themselves. */
function isPiece(text: string, pieces: SentencePieces['pieces']): boolean {
  return pieces.has(text) || text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)
}

function* cuts(piece: string): Iterable<readonly [string, string]> {
  let at = 0
  for (const character of piece) {
    if (at > 0) yield [piece.slice(0, at), piece.slice(at)]
    at += character.length
  }
}

/**
 * Nothing merges across the beginning of a word, but behind characters after which some piece holds a space.
 * So long texts are merged word by word.
 */
function wordPattern(pieces: Iterable<string>): string {
  const bridging = new Set<string>()
  for (const piece of pieces)
    for (const [, character = ''] of piece.matchAll(/([^\u2581])\u2581/gu)) bridging.add(character)
  if (bridging.size === 0) return `${SPACE}*[^${SPACE}]+|${SPACE}+`
  const bridges = Array.from(bridging, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join('')
  return `${SPACE}*(?:[^${SPACE}${bridges}]|[${bridges}]${SPACE}*)+|${SPACE}+`
}
