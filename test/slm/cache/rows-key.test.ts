import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rowsKey } from '../../../src/slm/cache/rows-key.ts'
import type { BuiltGraph } from '../../../src/slm/graph/model-graph.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { tinyShapes } from '../tiny-model.ts'

function graphAt(folder: string, manifest?: string): BuiltGraph {
  if (manifest !== undefined) writeFileSync(join(folder, 'graph.json'), manifest)
  const path = (kind: string) => join(folder, `${kind}.onnx`)
  return {
    layout: 'built',
    shape: tinyShapes['llama, as many keys as queries'],
    graphPaths: { logits: path('logits'), pair: path('pair'), pairs: path('pairs') },
  }
}

test('the same graph has the same key, one built anew or elsewhere another', () => {
  const folder = temporaryFolder()
  const key = rowsKey(graphAt(folder, 'one'))
  expect(key).toMatch(/^[0-9a-f]{16}$/)
  expect(rowsKey(graphAt(folder, 'one'))).toBe(key)
  const others = [rowsKey(graphAt(folder, 'another')), rowsKey(graphAt(temporaryFolder(), 'one'))]
  expect(new Set([key, ...others]).size).toBe(3)
})

test('a graph of which nothing is known has none', () => {
  expect(rowsKey(graphAt(temporaryFolder()))).toBeNull()
})
