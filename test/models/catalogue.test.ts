import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../src/models/catalogue.ts'

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-catalogue-'))
  const file = join(folder, 'models.yaml')
  writeFileSync(file, text)
  return use(file).finally(() => rmSync(folder, { recursive: true }))
}

describe('the shipped catalogue', () => {
  test('finds models by name and alias, whatever the case', async () => {
    const { find } = await loadCatalogue()
    expect(find('qwen-0.5b')?.name).toBe('qwen2.5-coder-0.5b')
    expect(find('SmolLM2-135M')?.sha256).toMatch(/^b179c952/)
    expect(find('gpt-4')).toBeUndefined()
  })

  test('has no name or alias twice', async () => {
    const names = (await loadCatalogue()).entries.flatMap(({ name, aliases }) => [name, ...aliases])
    expect(new Set(names).size).toBe(names.length)
  })

  test.each([
    ['qwen2.5-coder-1.5b', 'qwen-0.5b', 0.6],
    ['qwen-1.5b', 'qwen2.5-coder-0.5b', 0.6],
    ['Qwen/Qwen2.5-Coder-1.5B-Instruct', 'qwen-0.5b', 0.6],
    ['/models/Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf', 'qwen-0.5b', 0.6],
    ['SmolLM2-135M-Instruct-GGUF', 'smollm2-135m', 1],
    ['smollm2-135m', 'qwen-0.5b', null],
    ['Qwen/Qwen2.5-Coder-7B-Instruct', 'qwen-0.5b', null],
  ])('gives the tuned strength of %s with %s: %s', async (upstream, local, strength) => {
    expect((await loadCatalogue()).tunedStrength({ upstream, local })).toBe(strength)
  })
})

describe('loadCatalogue', () => {
  test.each([
    ['broken YAML', 'models: ['],
    ['an unknown key', 'models: {}\nmodel: {}'],
    [
      'a package name that is a pip option',
      'models: {m: {title: M, licence: MIT, parameters: 1, bytes: 1, sha256: x, sources: [{kind: pip, package: --pre}]}}',
    ],
  ])('refuses %s', async (_, text) => {
    await withFile(text, (file) =>
      expect(loadCatalogue(file)).rejects.toMatchObject({ code: 'config_invalid' }),
    )
  })
})
