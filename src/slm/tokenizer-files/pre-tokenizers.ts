/** How a GGUF file's `tokenizer.ggml.pre` name translates into `tokenizer.json` parts. */
export interface PreTokenizerRecipe {
  readonly normalizer: { readonly type: 'NFC' } | null
  readonly preTokenizer: Readonly<Record<string, unknown>>
  /** Whole words of the vocabulary are taken without merging. */
  readonly ignoreMerges: boolean
}

function splitThenBytes(pattern: string): Readonly<Record<string, unknown>> {
  return {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  }
}

const gpt2Bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }

function tiktoken(digits: string): string {
  return (
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}` +
    '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
  )
}

const qwen2: PreTokenizerRecipe = {
  normalizer: { type: 'NFC' },
  preTokenizer: splitThenBytes(tiktoken('\\p{N}')),
  ignoreMerges: false,
}

const llama3: PreTokenizerRecipe = {
  normalizer: null,
  preTokenizer: splitThenBytes(tiktoken('\\p{N}{1,3}')),
  ignoreMerges: true,
}

const smollm: PreTokenizerRecipe = {
  normalizer: null,
  preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, gpt2Bytes] },
  ignoreMerges: false,
}

const gpt2: PreTokenizerRecipe = { normalizer: null, preTokenizer: gpt2Bytes, ignoreMerges: false }

/**
 * The recipes by `tokenizer.ggml.pre`. A name that is missing here is refused, since a
 * guess would cost quality silently.
 */
export const preTokenizerRecipes: ReadonlyMap<string, PreTokenizerRecipe> = new Map([
  ['qwen2', qwen2],
  ['deepseek-r1-qwen', qwen2],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['smollm', smollm],
  ['starcoder', smollm],
  ['gpt-2', gpt2],
])
