import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEnvironment } from '../../../src/environment.ts'
import { findModel } from '../../../src/models/model-folder.ts'
import { libraryEncoder } from '../../../src/slm/encoding/library-encoder.ts'
import { createPlainEncoder } from '../../../src/slm/encoding/plain-encoder.ts'
import { openGguf } from '../../../src/slm/gguf/open-gguf.ts'
import { ggufTokenizerSource } from '../../../src/slm/tokenizer-files/gguf-tokenizer-source.ts'

const installed = await Promise.all(
  ['smollm2-135m', 'qwen2.5-coder-0.5b'].map(async (name) => {
    return { name, model: await findModel(readEnvironment().costeerHome, name) }
  }),
)

const fragment = fc.constantFrom(
  ...[
    ' ',
    '\n',
    '\t',
    '=',
    '-',
    'a',
    ' the',
    'ing',
    "'S",
    'e\u0301',
    '😀',
    '的',
    '人',
    '42',
    '\r\n',
    'Ünïcödé',
  ],
  ...['한국어', 'עברית', '\u3000', '<|im_start|>', '</tool_call>', '\ud800', '\0', '\u200d', 'https://'],
)
const repeated = fc.tuple(
  fragment,
  fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 300 })),
)
const text = fc
  .array(repeated, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.map(([part, times]) => part.repeat(times)).join(''))

describe.each(installed)('the real vocabulary of $name', ({ model }) => {
  test.skipIf(model === null)('encodes ordinary and hostile texts as the library alone does', async () => {
    const path = model?.path ?? ''
    const gguf = await openGguf(path)
    await gguf.close()
    const source = ggufTokenizerSource(path, gguf.metadata)
    const [encode, library] = [createPlainEncoder(source), libraryEncoder(source)]
    const any = fc.oneof(text, fc.string({ unit: 'grapheme', maxLength: 80 }), fc.string({ maxLength: 80 }))
    fc.assert(
      fc.property(any, (sample) => {
        expect(encode(sample, { first: true })).toEqual(library(sample, { first: true }))
      }),
      { numRuns: 200 },
    )
  })
})
