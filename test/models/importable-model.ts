import {
  float32Tensor,
  tinyMetadata,
  tinyTensors,
  type WrittenValue,
  writeGguf,
} from '../slm/gguf/tiny-gguf.ts'
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

const layer = Object.entries({
  attn_norm: [8],
  attn_k: [4, 8],
  attn_v: [4, 8],
  attn_output: [8, 8],
  ffn_norm: [8],
  ffn_gate: [16, 8],
  ffn_up: [16, 8],
  ffn_down: [8, 16],
}).map(([part, shape]) => [`blk.0.${part}.weight`, shape] as const)
const otherWeights = [...layer, ['output_norm.weight', [8]] as const].map(([name, shape]) =>
  float32Tensor(name, shape, new Array(shape.reduce((product, size) => product * size, 1)).fill(0)),
)

/**
 * A GGUF file with tokenizer and template, whole enough to be imported. Its rows are no whole blocks, so that
 * no graph can be built.
 */
export function importableGguf(
  tokenizer: Record<string, WrittenValue> = tinyTokenizer,
  has: (tensor: string) => boolean = () => true,
): Buffer {
  const given = tinyTensors()
  const others = otherWeights.filter(({ name }) => given.every((tensor) => tensor.name !== name))
  const tensors = [...given, ...others].filter(({ name }) => has(name))
  return writeGguf({ ...tinyMetadata('llama'), ...tokenizer }, tensors)
}
