/** A word's place in a text, and what it is compared by. */
export interface FoundWord {
  readonly key: string
  readonly start: number
  readonly end: number
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|\p{Extended_Pictographic}/gu

/** The words of a text, in order. */
export function foundWords(text: string): readonly FoundWord[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    key: wordKey(word),
    start: index,
    end: index + word.length,
  }))
}

/** What words have in common that differ in letter case, accents or an English ending alone. */
function wordKey(word: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/['’]s?$|['’](?=s$)/, '')
  const stem = plain.replace(/(?<=\w{3})(?:ing|ed|s)$/, '')
  return stem.replace(/(?<=\w{2})e$/, '')
}
