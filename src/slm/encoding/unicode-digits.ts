/**
 * The pre-tokenizer with every `Digits` part written as a `Split` at `\p{N}`, which is what Hugging Face's
 * own implementation does: the JavaScript library would see ASCII digits only. Returns a new object.
 */
export function withUnicodeDigits(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  if ('type' in part && part.type === 'Digits') {
    const individual = 'individual_digits' in part && part.individual_digits === true
    const pattern = { Regex: individual ? '\\p{N}' : '\\p{N}+' }
    return { type: 'Split', pattern, behavior: 'Isolated', invert: false }
  }
  if ('pretokenizers' in part && Array.isArray(part.pretokenizers)) {
    return { ...part, pretokenizers: part.pretokenizers.map(withUnicodeDigits) }
  }
  return part
}
