import { GatewayError } from '../../gateway-error.ts'
import { tokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'

/** What a server says of its own tokens. */
export interface VocabularyServer {
  readonly where: string
  /** Rows of its model's output, padding included; null where the server does not tell. */
  readonly rows: number | null
  /** Without added begin or end tokens. */
  tokenize(text: string, signal: AbortSignal): Promise<readonly number[]>
  detokenize(ids: readonly number[], signal: AbortSignal): Promise<string>
}

/**
 * Models of one family pad their rows to different multiples (Qwen2.5: 151,936 and 152,064 for the same
 * tokens).
 */
export const MAX_PADDING_ROWS = 1_024
const SAMPLED_IDS = 1_024

/** Texts whose tokens tell vocabularies apart. */
export const probeTexts = [
  'The quick brown fox jumps over the lazy dog, 1234567890 times; "quoted", (bracketed) and re-hyphenated.',
  'for (let i = 0; i < n; i++) {\n\t\tif (a[i] !== b[i]) return `x` + i\n}\n\n    # indented\r\n',
  'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Où est le café ? ¿Mañana? İstanbul',
  '快速的棕色狐狸跳过了懒狗。いろはにほへと 다람쥐 헌 쳇바퀴에 Съешь же ещё этих мягких булок שלום مرحبا नमस्ते',
  '😀👩‍👩‍👧 ∑ √2 ≈ 1.41421 → € ½ ™  …   \u00a0ﬁ',
]

/** Names of rows that no text ever becomes: tokenizers and files disagree on them. */
const UNUSED_ROW = /^(\[PAD|\[unused|<pad|<unused|<\|?(reserved|extra|dummy|placeholder|unused))/i

function decode(vocabulary: Vocabulary, ids: readonly number[]): string {
  return new TextDecoder().decode(Buffer.concat(ids.map((id) => vocabulary.bytes(tokenId(id)))))
}

/** Some tokenizers add a first space, or tidy spaces up when they decode. */
function sameText(left: string, right: string): boolean {
  return left.replace(/\s+/g, '') === right.replace(/\s+/g, '')
}

/**
 * Ids spread over the vocabulary whose bytes are whole characters, so that their text can be compared in one
 * piece.
 */
function sampleIds(vocabulary: Vocabulary, rows: number): number[] {
  const strict = new TextDecoder('utf-8', { fatal: true })
  const comparable = (id: number): boolean => {
    const bytes = vocabulary.bytes(tokenId(id))
    try {
      return bytes.length > 0 && !UNUSED_ROW.test(strict.decode(bytes))
    } catch {
      return false
    }
  }
  const stride = Math.max(1, Math.floor(rows / SAMPLED_IDS))
  return Array.from({ length: Math.floor(rows / stride) }, (_, index) => index * stride).filter(comparable)
}

/**
 * Checks that `vocabulary` means the same tokens as the server's. Rejects with GatewayError
 * `vocabulary_mismatch`. Padding rows behind the known tokens are tolerated on either side.
 */
export async function probeVocabulary(
  vocabulary: Vocabulary,
  server: VocabularyServer,
  signal: AbortSignal,
): Promise<void> {
  const mismatch = (how: string): GatewayError =>
    new GatewayError(
      'vocabulary_mismatch',
      `${server.where} and the local model have different vocabularies (${how}): choose a local model of the same family as the upstream's, or set alignment: map (or bytes) with the upstream's tokenizer.`,
    )
  const rows = server.rows ?? vocabulary.size
  if (Math.abs(rows - vocabulary.size) > MAX_PADDING_ROWS) {
    throw mismatch(`${rows} tokens there, ${vocabulary.size} here`)
  }
  for (const text of probeTexts) {
    const ids = await server.tokenize(text, signal)
    const foreign = ids.find((id) => id < 0 || id >= vocabulary.size)
    if (foreign !== undefined) throw mismatch(`token ${foreign} is unknown here`)
    if (!sameText(decode(vocabulary, ids), text)) throw mismatch('the ids of a sample text differ')
  }
  const sample = sampleIds(vocabulary, Math.min(rows, vocabulary.size))
  if (!sameText(await server.detokenize(sample, signal), decode(vocabulary, sample))) {
    throw mismatch('the texts of sample ids differ')
  }
}
