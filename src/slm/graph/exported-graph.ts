import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { readRegularFile } from '../../read-regular-file.ts'
import type { ExportedGraph } from './model-graph.ts'

/** Suffixes of the graph files that keep keys and values in float32, from the fastest to the slowest. */
const suffixes = ['_q4', '_quantized', '_int8', '_uint8', '_bnb4', ''] as const

const MAX_CONFIG_BYTES = 2 ** 20

const configSchema = z.looseObject({
  num_hidden_layers: z.int().positive(),
  hidden_size: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
  head_dim: z.int().positive().nullish(),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
})

/**
 * The decoder of a folder in the onnx-community layout (`config.json`,
 * `onnx/model*.onnx`). Rejects with GatewayError `model_file_invalid`.
 */
export async function readExportedGraph(folder: string): Promise<ExportedGraph> {
  const config = configSchema.safeParse(await readJson(join(folder, 'config.json')))
  if (!config.success) {
    const field = config.error.issues[0]?.path.join('.') || 'its content'
    throw invalid(folder, `its config.json does not describe a decoder: ${field} is missing or wrong.`)
  }
  const files = await readdir(join(folder, 'onnx')).catch((): string[] => [])
  const file = suffixes.map((suffix) => `model${suffix}.onnx`).find((name) => files.includes(name))
  if (!file) throw invalid(folder, 'it has no onnx/model*.onnx whose keys and values are float32.')
  const { num_attention_heads: heads, hidden_size: hidden, ...sizes } = config.data
  return {
    layout: 'exported',
    graphPath: join(folder, 'onnx', file),
    shape: {
      layers: sizes.num_hidden_layers,
      heads,
      kvHeads: sizes.num_key_value_heads ?? heads,
      headDim: sizes.head_dim ?? hidden / heads,
      vocabularySize: sizes.vocab_size,
      contextTokens: sizes.max_position_embeddings,
      // The graph looks after that itself
      locality: null,
    },
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readRegularFile(path, MAX_CONFIG_BYTES)).toString('utf8'))
  } catch {
    return null
  }
}

function invalid(folder: string, why: string): GatewayError {
  return new GatewayError(
    'model_file_invalid',
    `The model folder ${folder} cannot be used: ${why} Take a GGUF file.`,
  )
}
