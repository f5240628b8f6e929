import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { importModel } from '../../src/models/import.ts'
import { readTokenizer } from '../../src/models/read-tokenizer.ts'
import { openGguf } from '../../src/slm/gguf/open-gguf.ts'
import { writeGguf } from '../slm/gguf/tiny-gguf.ts'
import { recordedTokenizers } from '../slm/text/recorded-tokenizers.ts'
import { importableGguf, PLAIN_TEMPLATE, tinyTokenizer } from './importable-model.ts'

describe('a tokenizer without its model', () => {
  let home: string
  let gguf: string
  let folder: string

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'costeer-tokenizer-'))
    gguf = join(home, 'tiny.gguf')
    await writeFile(gguf, importableGguf())
    await importModel(gguf, { home, name: 'tiny' })
    folder = join(home, 'folder')
    await mkdir(folder)
    const { tokenizerJson } = recordedTokenizers.smollm
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson))
    await writeFile(join(folder, 'chat_template.jinja'), PLAIN_TEMPLATE)
  })

  test('is that of a model on this machine, or of a GGUF file', async () => {
    const [installed, file] = await Promise.all([readTokenizer('tiny', home), readTokenizer(gguf, home)])
    expect(file.vocabulary.size).toBe(420)
    expect(installed.vocabulary.fingerprint).toBe(file.vocabulary.fingerprint)
  })

  test('is read of a file whose architecture only another program computes', async () => {
    const foreign = join(home, 'foreign.gguf')
    const metadata = { ...tinyTokenizer, 'general.architecture': 'hybrid9' }
    await writeFile(foreign, writeGguf(metadata, []))
    const read = await readTokenizer(foreign, home)
    expect(read.vocabulary.fingerprint).toBe((await readTokenizer(gguf, home)).vocabulary.fingerprint)
    await expect(openGguf(foreign)).rejects.toMatchObject({ code: 'model_file_invalid' })
  })

  test('is that of a folder, also when its tokenizer.json is named', async () => {
    const whole = await readTokenizer(folder, home)
    const named = await readTokenizer(join(folder, 'tokenizer.json'), home)
    expect(named.vocabulary.fingerprint).toBe(whole.vocabulary.fingerprint)
    expect(whole.tokenizer.encode('hello').length).toBeGreaterThan(0)
  })

  test('is not fetched: a missing one says what to do', async () => {
    const refused = (source: string) => expect(readTokenizer(source, home)).rejects
    await refused('qwen2.5-coder-0.5b').toThrow(/costeer pull qwen2\.5-coder-0\.5b/)
    await refused('my-own').toThrow(/"my-own" is not on this machine: import it/)
    await refused(join(home, 'none.gguf')).toMatchObject({ code: 'model_unavailable' })
    await refused(join(home, 'none.gguf')).toThrow(/none\.gguf/)
  })
})
