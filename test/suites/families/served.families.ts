import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localSchema, type ServedLocal } from '../../../src/config/local-settings.ts'
import { openServedModel, type ServedModel } from '../../../src/local-server/open-served-model.ts'
import type { LocalRow } from '../../../src/steer/local-pair.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { tinyFamilies, tinyFamilyFile, tinyRecurrentFile } from '../../slm/families/tiny-families.ts'
import { type LlamaServer, llamaServerIsHere, startLlamaServer } from './llama-server.ts'

const { signal } = new AbortController()
const subjects = [
  { name: 'a recurrent model', file: tinyRecurrentFile, more: [], goesBack: true },
  {
    name: 'a recurrent model without checkpoints',
    file: tinyRecurrentFile,
    more: ['--ctx-checkpoints', '0'],
    goesBack: false,
  },
  {
    name: 'one with sliding windows',
    file: () => tinyFamilyFile(tinyFamilies.gemma3),
    more: [],
    goesBack: true,
  },
]

// The local model next door is there for families that the engine does not know.
describe.skipIf(!llamaServerIsHere).each(subjects)('$name served next door', ({ file, more, goesBack }) => {
  let folder: string
  let server: LlamaServer
  let served: ServedModel
  let longText: TokenId[]
  let shortText: TokenId[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'costeer-served-'))
    const path = join(folder, 'tiny.gguf')
    await writeFile(path, file())
    server = await startLlamaServer(path, { slots: 2, more: ['--cache-ram', '0', ...more] })
    const local = localSchema.parse({ kind: 'llama-cpp', url: server.url }) as ServedLocal
    served = await openServedModel(local, { apiKey: undefined, home: folder })
    longText = served.text.tokenizer.encode('Ada keeps bees. '.repeat(15))
    shortText = served.text.tokenizer.encode('Write a letter.')
  })
  afterAll(async () => {
    await served?.close()
    await server?.stop()
    await rm(folder, { recursive: true })
  })

  const open = (path: readonly TokenId[] = []) =>
    served.pair.open({ with: [...longText, ...path], without: [...shortText, ...path], strength: 1, signal })

  function deltas(row: LocalRow | undefined): Float64Array {
    const ids = Int32Array.from({ length: served.text.vocabulary.size }, (_, id) => id)
    const values = new Float64Array(ids.length)
    row?.deltasInto(ids, values)
    return values
  }

  test('tells at the start whether going back computes much anew', () => {
    expect(served.pair.passes).toEqual({ tokens: 1, guesses: goesBack })
  })

  test('gives the rows of prompts that end there, on a path and after going back', async () => {
    const path = served.text.tokenizer.encode(' honey, and')
    const local = await open()
    const chain = await local.feed(local.root, path)
    const [branch] = await local.feed(chain[2] as LocalRow, path.slice(0, 1))
    local.close()
    const ends: [LocalRow | undefined, readonly TokenId[]][] = [
      [chain.at(-1), path],
      [branch, [...path.slice(0, 3), ...path.slice(0, 1)]],
    ]
    for (const [row, tokens] of ends) {
      const anew = await open(tokens)
      const wanted = deltas(anew.root)
      anew.close()
      const found = deltas(row)
      expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(0.05)
      for (const [id, delta] of found.entries())
        expect(Math.abs(delta - (wanted[id] ?? 0))).toBeLessThan(0.02)
    }
  })
})
