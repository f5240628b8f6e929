import type { LibraryNormalizer } from './library-tokenizer.ts'
import { orderedMarks } from './ordered-marks.ts'

type Normalize = (text: string) => string

const unicodeForms = new Set(['NFC', 'NFD', 'NFKC', 'NFKD'])

/**
 * What `tokenizer.json` says under `normalizer`, done by the library's parts, in time that grows with the
 * text's length alone; null for nothing.
 */
export function linearNormalizer(
  config: object | null,
  libraryPart: (config: object) => LibraryNormalizer | null,
): Normalize | null {
  if (config === null) return null
  if ('normalizers' in config && Array.isArray(config.normalizers)) {
    const steps = config.normalizers.map((step: object | null) => linearNormalizer(step, libraryPart))
    return (text) => steps.reduce((done, step) => step?.(done) ?? done, text)
  }
  const part = libraryPart(config)
  const isUnicodeForm = 'type' in config && unicodeForms.has(String(config.type))
  return (text) => part?.normalize(isUnicodeForm ? orderedMarks(text) : text) ?? text
}
