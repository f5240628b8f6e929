import type { TokenSide } from '../../../src/steer/alignment/vocabulary-alignment.ts'
import { tokenId } from '../../../src/steer/token-id.ts'

const encoder = new TextEncoder()
function isControl(text: string) {
  return /^<.+>$/.test(text)
}

/** Tokens by their texts; a text in angle brackets is a control token, and `<end…>` an end token. */
export function textVocabulary(texts: readonly string[]): TokenSide {
  const table = texts.map((text) => (isControl(text) ? new Uint8Array() : encoder.encode(text)))
  const controls = [...texts.entries()].filter(([, text]) => isControl(text))
  return {
    vocabulary: {
      size: texts.length,
      fingerprint: JSON.stringify(texts),
      bytes: (token) => table[token] ?? new Uint8Array(),
      endTokens: new Set(controls.flatMap(([id, text]) => (text.startsWith('<end') ? [tokenId(id)] : []))),
    },
    controlTokens: new Map(controls.map(([id, text]) => [tokenId(id), text])),
  }
}
