import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readEnvironment } from '../../../src/environment.ts'
import { findModel } from '../../../src/models/model-folder.ts'
import { readModelText } from '../../../src/models/model-text.ts'
import { encodedSchema } from './recorded-tokenizers.ts'

const recorded = z
  .record(z.string(), encodedSchema)
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/server-tokens.json', import.meta.url), 'utf8')))

const installed = await Promise.all(
  Object.entries(recorded).map(async ([name, golden]) => ({
    name,
    golden,
    model: await findModel(readEnvironment().costeerHome, name),
  })),
)

describe.each(installed)('real vocabulary of $name', ({ golden, model }) => {
  test.skipIf(model === null)('encodes texts and conversations as llama-server does', async () => {
    const { tokenizer, vocabulary } = await readModelText(model ?? { path: '', format: 'gguf' })
    for (const [text, tokens] of golden.texts) {
      expect(tokenizer.encode(text)).toEqual(tokens)
      expect(Buffer.concat(tokenizer.encode(text).map((id) => vocabulary.bytes(id))).toString()).toBe(text)
    }
    for (const [messages, tokens] of golden.chats) expect(tokenizer.encodeChat(messages)).toEqual(tokens)
  })
})
