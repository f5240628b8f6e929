import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createPlainEncoder } from '../../../src/slm/encoding/plain-encoder.ts'
import { readGgufDirectory } from '../../../src/slm/gguf/gguf-directory.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'
import { preTokenizerRecipes } from '../../../src/slm/tokenizer-files/pre-tokenizers.ts'
import { byteOfCharacter } from '../../../src/slm/tokenizer-files/token-bytes.ts'
import type { ModelMetadata } from '../../../src/slm/weights/model-source.ts'
import { fileWithVocabulary } from '../../slm/families/tiny-families.ts'
import type { WrittenValue } from '../../slm/gguf/tiny-gguf.ts'
import { lab, llamaServerIsHere, startLlamaServer } from './llama-server.ts'
import { manyLines } from './many-lines.ts'
import { note } from './noted-differences.ts'

const LINES = 2100
/** The server composes nothing, while tokenizers of these models do. */
const lines = manyLines(LINES).filter((line) => line === line.normalize('NFC'))

async function differences(file: string): Promise<string[]> {
  const { metadata } = await readGgufDirectory(file)
  const encode = createPlainEncoder(ggufTokenizerSource(file, metadata))
  const server = await startLlamaServer(file)
  const different: string[] = []
  for (const line of lines) {
    const theirs = await server.tokenize(line)
    const ours = encode(line, { first: true })
    if (ours.join() !== theirs.join()) different.push(line)
  }
  await server.stop()
  for (const line of different.slice(0, 10)) await note(`  ${JSON.stringify(line)}`)
  return different
}

/** Of these the server takes any letter but a to z for a capital, and our pattern is the models' own. */
const approximated = new Set(['tekken', 'gpt-4o', 'llama4'])

const models = [
  'gemma-3-270m.Q4_K_M.gguf',
  'SmolLM2-135M-Instruct.Q4_1.gguf',
  'Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf',
].map((name) => join(lab, 'models', name))

describe.skipIf(!llamaServerIsHere)('our tokenizer beside llama-server', () => {
  test.each(models.filter((file) => existsSync(file)))('gives the ids of %s', async (file) => {
    const different = await differences(file)
    await note(`${basename(file)}: ${different.length} of ${lines.length} lines differ`)
    expect(different).toEqual([])
  })

  const words = models.at(-1) as string
  const comparable = [...preTokenizerRecipes.keys()].filter((pre) => !approximated.has(pre))
  test.skipIf(!existsSync(words)).each(comparable)('cuts text as files of kind %s want it', async (pre) => {
    const { metadata } = await readGgufDirectory(words)
    const keys = Object.entries(metadata).filter(([key]) => key.startsWith('tokenizer.ggml.'))
    const types = { integers: metadata['tokenizer.ggml.token_type'] as number[] }
    const vocabulary = {
      ...Object.fromEntries(keys),
      'tokenizer.ggml.token_type': types,
      'tokenizer.ggml.pre': pre,
    }
    const folder = await mkdtemp(join(tmpdir(), 'pre-tokenizer-'))
    const file = join(folder, 'model.gguf')
    await writeFile(file, fileWithVocabulary(vocabulary as Record<string, WrittenValue>))
    const different = await differences(file)
    await rm(folder, { recursive: true })
    await note(`${pre}: ${different.length} of ${lines.length} lines differ`)
    expect(different).toEqual([])
  })

  test.skipIf(!existsSync(words))('merges pieces as files of kind gemma4 want it', async () => {
    const { metadata } = await readGgufDirectory(words)
    const folder = await mkdtemp(join(tmpdir(), 'merged-pieces-'))
    const file = join(folder, 'model.gguf')
    await writeFile(file, fileWithVocabulary(gemma4Vocabulary(metadata)))
    const different = await differences(file)
    await rm(folder, { recursive: true })
    await note(`gemma4: ${different.length} of ${lines.length} lines differ`)
    expect(different).toEqual([])
  })
})

/** The words and merges of a byte-level file that are whole characters, as Gemma 4 writes them. */
function gemma4Vocabulary(metadata: ModelMetadata): Record<string, WrittenValue> {
  const strict = new TextDecoder('utf-8', { fatal: true })
  const piece = (word: string): string | null => {
    try {
      const bytes = Array.from(word, (character) => byteOfCharacter.get(character) as number)
      return strict.decode(Uint8Array.from(bytes)).replaceAll(' ', '\u2581')
    } catch {
      return null
    }
  }
  const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
  const fallback = hex.map((byte) => `<0x${byte}>`)
  const ordinary = (metadata['tokenizer.ggml.token_type'] as number[]).map((type) => type === 1)
  const pieces = (metadata['tokenizer.ggml.tokens'] as string[])
    .filter((_, id) => ordinary[id])
    .map(piece)
    .filter((word) => word !== null)
  const tokens = [...new Set(['<pad>', '<eos>', '<bos>', '<unk>', ...fallback, ...pieces])]
  const known = new Set(tokens)
  const merges = (metadata['tokenizer.ggml.merges'] as string[]).flatMap((merge) => {
    const [left, right] = merge.split(' ').map(piece)
    if (left == null || right == null) return []
    return known.has(left) && known.has(right) && known.has(left + right) ? [`${left} ${right}`] : []
  })
  const typeOf = (id: number) => (id < 4 ? 3 : id < 260 ? 6 : 1)
  return {
    'tokenizer.ggml.model': 'gemma4',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': { integers: tokens.map((_, id) => typeOf(id)) },
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.eos_token_id': 1,
    'tokenizer.ggml.bos_token_id': 2,
    'tokenizer.ggml.unknown_token_id': 3,
    'tokenizer.ggml.padding_token_id': 0,
  }
}
