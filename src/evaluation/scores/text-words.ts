/** Words of a text in lower case without accents: letters and digits, with apostrophes inside. */
export function textWords(text: string): string[] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase()
  return folded.match(/[\p{L}\p{N}]+(?:'[\p{L}]+)*/gu) ?? []
}
