import { encoderSource } from '../slm/encoding/plain-encoder.ts'
import { type BackgroundTokenizer, backgroundTokenizer } from '../slm/encoding-thread/background-tokenizer.ts'
import { readGgufDirectory } from '../slm/gguf/gguf-directory.ts'
import { readModelFolder } from '../slm/safetensors/read-model-folder.ts'
import { type ControlTokens, controlTokensOf } from '../slm/text/control-tokens.ts'
import { createTokenizer, type Tokenizer } from '../slm/text/tokenizer.ts'
import { createVocabulary } from '../slm/text/vocabulary.ts'
import { folderTokenizerSource } from '../slm/tokenizer-files/folder-tokenizer-source.ts'
import { ggufTokenizerSource } from '../slm/tokenizer-files/gguf-tokenizer-source.ts'
import type { TokenizerSource } from '../slm/tokenizer-files/tokenizer-source.ts'
import type { Vocabulary } from '../steer/vocabulary.ts'
import type { ModelFormat } from './files/model-format.ts'
import type { InstalledModel } from './model-folder.ts'

/** The text side of a model: no weights are loaded for it. */
export interface ModelText {
  readonly tokenizer: Tokenizer
  /** The same for what others send, which may be large. */
  readonly background: BackgroundTokenizer
  readonly vocabulary: Vocabulary
  readonly controlTokens: ControlTokens
  /** Jinja source; null when the model is no chat model. */
  readonly chatTemplate: string | null
}

/**
 * Reads tokenizer, chat template and vocabulary of a GGUF file or a folder: about a second for 150,000
 * tokens. Rejects with GatewayError `model_file_invalid`.
 */
export async function readModelText({
  path,
  format,
}: Pick<InstalledModel, 'path' | 'format'>): Promise<ModelText> {
  return modelTextOf(await textSources[format](path))
}

/** The same by what the files say of the text. Throws GatewayError `model_file_invalid`. */
export function modelTextOf(source: TokenizerSource): ModelText {
  const encoding = encoderSource(source)
  const tokenizer = createTokenizer(encoding)
  return {
    tokenizer,
    background: backgroundTokenizer(tokenizer, encoding),
    vocabulary: createVocabulary(source),
    controlTokens: controlTokensOf(source),
    chatTemplate: source.chatTemplate,
  }
}

const textSources: Readonly<Record<ModelFormat, (path: string) => Promise<TokenizerSource>>> = {
  /** Of any architecture: whoever runs the weights need not be this program. */
  async gguf(path) {
    const { metadata } = await readGgufDirectory(path)
    return ggufTokenizerSource(path, metadata)
  },
  /** Configurations of models that also see may leave out how many rows the embedding has. */
  async safetensors(path) {
    const [source, { tensors }] = await Promise.all([folderTokenizerSource(path), readModelFolder(path)])
    const rows = tensors.get('token_embd.weight')?.shape[0]
    return { ...source, modelVocabularySize: rows ?? source.modelVocabularySize }
  },
  onnx: folderTokenizerSource,
}
