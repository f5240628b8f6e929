import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { tinyMetadata, tinyTensors, writeGguf } from './tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'costeer-token-strings-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function tokensRead(tokens: readonly string[]): Promise<unknown> {
  const path = join(folder, 'model.gguf')
  const keys = {
    'before.texts': ['a', 'bc'],
    'before.number': 7,
    'before.floats': { floats: [1, 2, 3] },
    'before.flag': true,
    'tokenizer.ggml.tokens': tokens,
    'after.text': 'd',
  }
  writeFileSync(path, writeGguf({ ...tinyMetadata('llama'), ...keys }, tinyTensors()))
  const model = await openGguf(path)
  await model.close()
  return model.metadata['tokenizer.ggml.tokens']
}

test('tokens that differ by a byte order mark alone stay two', async () => {
  const tokens = ['//', 'é', '\ufeff//', '<?', '\ufeff<?', '\ufeff']
  expect(await tokensRead(tokens)).toEqual(tokens)
})

test('a file may list a token twice', async () => {
  expect(await tokensRead(['a', 'b', 'a'])).toEqual(['a', 'b', 'a'])
})
