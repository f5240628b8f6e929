import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createVocabulary } from '../../../src/slm/text/vocabulary.ts'
import { folderTokenizerSource } from '../../../src/slm/tokenizer-files/folder-tokenizer-source.ts'
import { recordedTokenizers } from '../text/recorded-tokenizers.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(name: string, content: unknown) {
  return writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
}

describe('folderTokenizerSource', () => {
  test('takes the template file before the one in the tokenizer configuration', async () => {
    put('tokenizer.json', recordedTokenizers.qwen2.tokenizerJson)
    put('tokenizer_config.json', { chat_template: 'old', bos_token: { content: '<|endoftext|>' } })
    expect(await folderTokenizerSource(folder)).toMatchObject({
      chatTemplate: 'old',
      bosToken: '<|endoftext|>',
    })
    put('chat_template.jinja', 'new')
    expect(await folderTokenizerSource(folder)).toMatchObject({ chatTemplate: 'new' })
  })

  test('takes the default one of several templates', async () => {
    put('tokenizer.json', recordedTokenizers.qwen2.tokenizerJson)
    const chat_template = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ]
    put('tokenizer_config.json', { chat_template })
    expect(await folderTokenizerSource(folder)).toMatchObject({ chatTemplate: 'plain' })
  })

  test('unites the end tokens of both configurations and keeps the size of the output head', async () => {
    put('tokenizer.json', recordedTokenizers.qwen2.tokenizerJson)
    put('tokenizer_config.json', {})
    put('config.json', { vocab_size: 500, eos_token_id: 420 })
    put('generation_config.json', { eos_token_id: [422, 420] })
    const vocabulary = createVocabulary(await folderTokenizerSource(folder))
    expect(vocabulary.endTokens).toEqual(new Set([420, 422]))
    expect(vocabulary.size).toBe(500)
  })

  test.each([
    ['no tokenizer', () => put('config.json', {})],
    ['a tokenizer that is not JSON', () => put('tokenizer.json', '{"model":')],
    ['a tokenizer that is a pipe', () => execFileSync('mkfifo', [join(folder, 'tokenizer.json')])],
    ['a tokenizer that never ends', () => symlinkSync('/dev/zero', join(folder, 'tokenizer.json'))],
    ['a tokenizer of another shape', () => put('tokenizer.json', { model: [] })],
  ])('refuses a folder with %s', async (_, prepare) => {
    prepare()
    await expect(folderTokenizerSource(folder)).rejects.toMatchObject({ code: 'model_file_invalid' })
  })
})
