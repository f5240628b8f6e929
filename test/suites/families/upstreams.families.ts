import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLlamaCpp } from '../../../src/upstream/llama-cpp/open.ts'
import { tinyFamilies, tinyFamilyFile, tinyRecurrentFile } from '../../slm/families/tiny-families.ts'
import { localTextOf } from '../servers/model-vocabulary.ts'
import { llamaServerIsHere, startLlamaServer } from './llama-server.ts'

const subjects = [
  { name: 'with attention alone', file: () => tinyFamilyFile(tinyFamilies.qwen2), more: [], reads: false },
  {
    name: 'that is recurrent, of which it makes checkpoints',
    file: tinyRecurrentFile,
    more: [],
    reads: false,
  },
  {
    name: 'that is recurrent, without checkpoints',
    file: tinyRecurrentFile,
    more: ['--ctx-checkpoints', '0'],
    reads: true,
  },
  {
    name: 'with sliding windows, of which the server keeps some more than they see',
    file: () => tinyFamilyFile(tinyFamilies.gemma3),
    more: [],
    reads: false,
  },
]

describe.skipIf(!llamaServerIsHere)(
  'what a step back costs at llama-server is found out at the start',
  () => {
    test.each(subjects)('of a model $name', async ({ file, more, reads }) => {
      const folder = await mkdtemp(join(tmpdir(), 'costeer-upstream-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const path = join(folder, 'tiny.gguf')
      await writeFile(path, file())
      const server = await startLlamaServer(path, { slots: 2, more })
      onTestFinished(() => server.stop())
      const { vocabulary } = await localTextOf(path)
      const upstream = await openLlamaCpp({ url: server.url, vocabulary })
      onTestFinished(() => upstream.close())
      expect(upstream.limits.readsAgain ?? false).toBe(reads)
    })
  },
)
