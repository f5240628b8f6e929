import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareGraph } from '../../../src/slm/graph/prepare-graph.ts'
import { openModelFolder } from '../../../src/slm/safetensors/open-model-folder.ts'
import { logitsWith } from '../../slm/families/prepared-family.ts'
import {
  familyTokens,
  meanDifference,
  parseRecording,
  recordedPositions,
} from '../../slm/families/recorded-logits.ts'
import { lab } from './llama-server.ts'
import { note } from './noted-differences.ts'

/** With transformers and torch. */
const python = join(lab, 'vllm/bin/python')
const script = fileURLToPath(new URL('tiny-hub-folders.py', import.meta.url))

const names = [
  'llama',
  'llama3-parts',
  'llama-linear',
  'mistral-window',
  'qwen2',
  'qwen2-window',
  'qwen3-yarn',
  'gemma3',
  'gemma3-with-eyes',
  'granite',
  'granite4',
  'granite4-without-positions',
  'smollm3',
  'ministral3',
  'mistral3-with-eyes',
  'phi3-long',
  'phi3-short',
  'phi3-window',
  'olmo2',
  'olmo3',
] as const

describe.skipIf(!existsSync(python))('folders that transformers writes', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-folders-'))
    const wanted = join(folder, 'wanted.json')
    await writeFile(
      wanted,
      JSON.stringify({ folder, tokens: [...familyTokens], positions: recordedPositions }),
    )
    await promisify(execFile)(python, [script, wanted], { env: { ...process.env, HF_HUB_OFFLINE: '1' } })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('are those that are compared', () => {
    const written = readdirSync(folder).filter((name) => existsSync(join(folder, `${name}.json`)))
    expect(written.sort()).toEqual([...names].sort())
    expect(readdirSync(join(folder, 'llama3-parts'))).toContain('model.safetensors.index.json')
  })

  describe.each(names)('%s', (name) => {
    test('has every weight under a name and in a shape that is known', async () => {
      const model = await openModelFolder(join(folder, name))
      model.requireReadable()
      await model.close()
    })

    test.each([
      ['float32', 0.02],
      [8, 0.15],
    ] as const)(
      'its log-probabilities are those of transformers but for rounding: %s',
      async (precision, most) => {
        const said = parseRecording(await readFile(join(folder, `${name}.json`), 'utf8'))
        const prepared = {
          prepare: (bits: typeof precision) =>
            prepareGraph(join(folder, `${name}-${bits}`), {
              source: name,
              precision: bits,
              openWeights: () => openModelFolder(join(folder, name)),
            }),
        }
        const logits = await logitsWith(prepared, { precision, tokens: familyTokens })
        const difference = meanDifference(logits, said)
        await note(`hub folder ${name} ${precision}: ${difference.toFixed(4)} nats`)
        expect(difference).toBeLessThan(most)
      },
    )
  })
})
