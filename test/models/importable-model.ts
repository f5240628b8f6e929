import { tinyMetadata, tinyTensors, type WrittenValue, writeGguf } from '../slm/gguf/tiny-gguf.ts'
import { recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'

export const plainTemplate = '{% for m in messages %}{{ m.content }}{% endfor %}'

export const tinyTokenizer: Record<string, WrittenValue> = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'gpt-2',
  'tokenizer.ggml.tokens': Object.keys(recordedTokenizers.smollm.tokenizerJson.model.vocab),
  'tokenizer.ggml.token_type': Array.from({ length: 420 }, () => 1),
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.chat_template': plainTemplate,
}

/** A GGUF file with tokenizer and template, whole enough to be imported. */
export const importableGguf = (tokenizer: Record<string, WrittenValue> = tinyTokenizer): Buffer =>
  writeGguf({ ...tinyMetadata('llama'), ...tokenizer }, tinyTensors())
