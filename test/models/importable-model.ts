import { tinyMetadata, tinyTensors, type WrittenValue, writeGguf } from '../slm/gguf/tiny-gguf.ts'
import { recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'

export const PLAIN_TEMPLATE = '{% for m in messages %}{{ m.content }}{% endfor %}'

export const tinyTokenizer: Record<string, WrittenValue> = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'gpt-2',
  'tokenizer.ggml.tokens': Object.keys(recordedTokenizers.smollm.tokenizerJson.model.vocab),
  'tokenizer.ggml.token_type': Array.from({ length: 420 }, () => 1),
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.chat_template': PLAIN_TEMPLATE,
}

/** A GGUF file with tokenizer and template, whole enough to be imported. */
export function importableGguf(tokenizer: Record<string, WrittenValue> = tinyTokenizer): Buffer {
  return writeGguf({ ...tinyMetadata('llama'), ...tokenizer }, tinyTensors())
}
