import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findOllamaModel } from '../../../src/models/sources/ollama-store.ts'

const digest = `sha256:${'a'.repeat(64)}`
const weights = { mediaType: 'application/vnd.ollama.image.model', digest }
const licence = { mediaType: 'application/vnd.ollama.image.license', digest: `sha256:${'b'.repeat(64)}` }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-ollama-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function writeManifest(path: string, layers: readonly object[]): void {
  write(join('manifests', path), JSON.stringify({ layers }))
}

function message(named: string): Promise<string> {
  return findOllamaModel(named, [folder]).then(
    () => '',
    (error: Error) => error.message,
  )
}

describe("a model in Ollama's store", () => {
  beforeEach(() => write(`blobs/${digest.replace(':', '-')}`, 'GGUF'))

  test.each([
    ['qwen3', 'registry.ollama.ai/library/qwen3/latest', 'qwen3'],
    ['qwen3:0.6b', 'registry.ollama.ai/library/qwen3/0.6b', 'qwen3-0.6b'],
    ['someone/tiny:q4', 'registry.ollama.ai/someone/tiny/q4', 'tiny-q4'],
    ['hf.co/maker/tiny-GGUF:Q8_0', 'hf.co/maker/tiny-GGUF/Q8_0', 'tiny-GGUF-Q8_0'],
  ])('is found by its name %s', async (named, manifest, name) => {
    writeManifest(manifest, [licence, weights])
    const file = join(folder, `blobs/${digest.replace(':', '-')}`)
    expect(await findOllamaModel(named, ['/nowhere', folder])).toEqual({ file, name })
  })

  test('that is not there is refused, with where it was looked for', async () => {
    expect(await message('qwen3')).toContain(folder)
    expect(await message('../../etc/passwd')).toContain('no name')
  })

  test('of several files, or none, is refused', async () => {
    writeManifest('registry.ollama.ai/library/two/latest', [weights, weights])
    writeManifest('registry.ollama.ai/library/none/latest', [licence])
    expect(await message('two')).toContain('several files')
    expect(await message('none')).toContain('no weights')
  })
})

test('a model whose weights are gone is refused', async () => {
  writeManifest('registry.ollama.ai/library/qwen3/latest', [weights])
  expect(await message('qwen3')).toContain('ollama pull qwen3')
})
