import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readExportedGraph } from '../../../src/slm/graph/exported-graph.ts'

describe('a folder that is no such model', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'no-model-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const refusal = () => readExportedGraph(folder).catch((error: Error) => error)

  test('is refused with what it lacks', async () => {
    expect(await refusal()).toMatchObject({ code: 'model_file_invalid' })
    const config = { num_hidden_layers: 2, hidden_size: 64, num_attention_heads: 4, vocab_size: 301 }
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    expect(await refusal()).toMatchObject({ message: expect.stringContaining('max_position_embeddings') })
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 100 }))
    await mkdir(join(folder, 'onnx'))
    await writeFile(join(folder, 'onnx', 'model_fp16.onnx'), '')
    expect(await refusal()).toMatchObject({ message: expect.stringContaining('float32') })
  })
})
