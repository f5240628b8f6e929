/** How a GGUF file's `tokenizer.ggml.pre` name translates into `tokenizer.json` parts. */
export interface PreTokenizerRecipe {
  readonly normalizer: { readonly type: 'NFC' } | null
  readonly preTokenizer: Readonly<Record<string, unknown>>
  /** Whole words of the vocabulary are taken without merging. */
  readonly ignoreMerges: boolean
  /** Prompts begin with the BOS token where the file does not say otherwise. */
  readonly addsBos?: true
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

/** `letters` are what words consist of. */
function tiktoken(digits: string, letters = '\\p{L}'): string {
  return (
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[${letters}]+|${digits}` +
    `| ?[^\\s${letters}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
  )
}

/** Words are cut where small letters are followed by capitals; contractions end the word they belong to. */
function cased(digits: string, contractions: string): string {
  const capital = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]'
  const small = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
  const before = '[^\\r\\n\\p{L}\\p{N}]?'
  return (
    `${before}${capital}*${small}+${contractions}|${before}${capital}+${small}*${contractions}|${digits}` +
    '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
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
  addsBos: true,
}

/** The same pieces as Llama 3's, which are merged all the same. */
const dbrx: PreTokenizerRecipe = {
  normalizer: null,
  preTokenizer: splitThenBytes(tiktoken('\\p{N}{1,3}')),
  ignoreMerges: false,
}

const qwen35: PreTokenizerRecipe = {
  normalizer: { type: 'NFC' },
  preTokenizer: splitThenBytes(tiktoken('\\p{N}', '\\p{L}\\p{M}')),
  ignoreMerges: false,
}

const tekken: PreTokenizerRecipe = {
  normalizer: null,
  preTokenizer: splitThenBytes(cased('\\p{N}', '')),
  ignoreMerges: true,
  addsBos: true,
}

const gpt4o: PreTokenizerRecipe = {
  normalizer: null,
  preTokenizer: splitThenBytes(cased('\\p{N}{1,3}', "(?i:'s|'t|'re|'ve|'m|'ll|'d)?")),
  ignoreMerges: false,
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
  ['megrez', qwen2],
  ['qwen35', qwen35],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['falcon3', llama3],
  ['lfm2', llama3],
  ['pixtral', llama3],
  ['dbrx', dbrx],
  ['smaug-bpe', dbrx],
  ['smollm', smollm],
  ['starcoder', smollm],
  ['refact', smollm],
  ['gpt-2', gpt2],
  ['olmo', gpt2],
  ['granite-docling', gpt2],
  ['tekken', tekken],
  ['gpt-4o', gpt4o],
  ['llama4', gpt4o],
])
