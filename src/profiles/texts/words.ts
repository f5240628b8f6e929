const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Letters and digits, with what may stand between them inside a word. */
const SPACED_WORD = /[\p{L}\p{N}\p{M}]+(?:['’.·_][\p{L}\p{N}\p{M}]+)*/gu
const UNSPACED_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** A longer one is no word that anybody asks for. */
const MAX_WORD_CHARS = 64

/**
 * The words of a text in any language, folded: without case and accents. Scripts that write without spaces
 * are divided by a segmenter, which takes ten times as long.
 */
export function* words(text: string): Generator<string> {
  if (!UNSPACED_SCRIPT.test(text)) {
    for (const [word] of text.matchAll(SPACED_WORD)) yield foldWord(word)
    return
  }
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike === true) yield foldWord(segment)
  }
}

function foldWord(word: string): string {
  const cut = word.length > MAX_WORD_CHARS ? word.slice(0, MAX_WORD_CHARS) : word
  if (/^[a-z0-9]*$/.test(cut)) return cut
  const folded = cut.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  // A single character may stand for many.
  return folded.slice(0, MAX_WORD_CHARS)
}
