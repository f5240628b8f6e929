import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { encoderSource } from '../../../src/slm/encoding/plain-encoder.ts'
import {
  type BackgroundTokenizer,
  backgroundTokenizer,
  foregroundTokenizer,
} from '../../../src/slm/encoding-thread/background-tokenizer.ts'
import { createTokenizer } from '../../../src/slm/text/tokenizer.ts'
import { recordedSource } from '../text/recorded-tokenizers.ts'

const kinds = ['smollm', 'qwen2', 'sentencepiece'] as const
const TEXT = 'The ferry left at <|im_end|> 7:45, in the rain. 😀 的的的 é\n\n'
const lengths = [1, 1_000, 2_000] as const
const opened: BackgroundTokenizer[] = []

function opening(kind: (typeof kinds)[number], parts: object = {}) {
  const source = { ...encoderSource(recordedSource(kind)), ...parts }
  const tokenizer = createTokenizer(source)
  const background = backgroundTokenizer(tokenizer, source)
  opened.push(background)
  return { tokenizer, background }
}

afterAll(async () => {
  for (const background of opened) await background.close()
})

describe.each(kinds)('the %s tokenizer in the background', (kind) => {
  const { tokenizer, background } = opening(kind)

  test.each(lengths)('gives the tokens of the one at hand, for %d repetitions of a text', async (times) => {
    const text = TEXT.repeat(times)
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: text },
    ] as const
    const now = new Date(0)
    expect(await background.encode(text)).toEqual(tokenizer.encode(text))
    expect(await background.encodePrompt(text)).toEqual(tokenizer.encodePrompt(text))
    expect(await background.encodeChat(messages, { now })).toEqual(tokenizer.encodeChat(messages, { now }))
  })

  test('ends with one token more than are wanted', async () => {
    const tokens = await background.encode(TEXT.repeat(2_000), { atMost: 50 })
    expect(tokens).toEqual(tokenizer.encode(TEXT.repeat(2_000)).slice(0, 51))
  })
})

const large = 'word '.repeat(20_000)

test('a small text is encoded before anything else happens', async () => {
  const { background } = opening('qwen2')
  let isLate = false
  const late = setImmediate().then(() => {
    isLate = true
  })
  await background.encode('word '.repeat(1_000))
  expect(isLate).toBe(false)
  await late
})

test('the event loop turns while a large text is encoded', async () => {
  const { background } = opening('qwen2')
  let turns = 0
  let isDone = false
  const encoded = background.encode(' '.repeat(300_000)).finally(() => {
    isDone = true
  })
  while (!isDone) {
    await setImmediate()
    turns++
  }
  await encoded
  expect(turns).toBeGreaterThan(10)
})

test('a template’s refusal comes through', async () => {
  const chatTemplate = "{{ raise_exception('no') }}"
  const { background } = opening('qwen2', { chatTemplate })
  await expect(background.encodeChat([{ role: 'user', content: large }])).rejects.toMatchObject({
    name: 'GatewayError',
    code: 'invalid_request',
    param: 'messages',
  })
})

test('a request that is given up waits no more, and the next one is served', async () => {
  const { background, tokenizer } = opening('qwen2')
  const controller = new AbortController()
  const first = background.encode(large)
  const second = background.encode(large, { signal: controller.signal })
  controller.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await expect(background.encode('a', { signal: controller.signal })).rejects.toThrow('gone')
  expect(await first).toEqual(tokenizer.encode(large))
  expect(await background.encode(large)).toEqual(tokenizer.encode(large))
})

test('a thread that dies refuses what it was at, and the next request has a new one', async () => {
  const source = encoderSource(recordedSource('qwen2'))
  const broken = backgroundTokenizer(createTokenizer(source), { ...source, chatTemplate: '{{' })
  opened.push(broken)
  for (const text of [large, `${large}!`]) {
    await expect(broken.encode(text)).rejects.toMatchObject({ code: 'local_model_failed' })
  }
})

test('what is still waited for at the end is refused', async () => {
  const { background } = opening('qwen2')
  const waiting = [background.encode(large), background.encode(large)]
  const refused = Promise.all(
    waiting.map((encoded) => expect(encoded).rejects.toMatchObject({ code: 'shutting_down' })),
  )
  await background.close()
  await refused
})

test('in the foreground, everything is encoded at once', async () => {
  const tokenizer = createTokenizer(recordedSource('qwen2'))
  const foreground = foregroundTokenizer(tokenizer)
  expect(await foreground.encode(large)).toEqual(tokenizer.encode(large))
  await foreground.close()
})
