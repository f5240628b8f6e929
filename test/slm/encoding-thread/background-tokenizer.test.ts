import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { encoderSource } from '../../../src/slm/encoding/plain-encoder.ts'
import {
  type BackgroundTokenizer,
  backgroundTokenizer,
  foregroundTokenizer,
} from '../../../src/slm/encoding-thread/background-tokenizer.ts'
import { createTokenizer, type Tokenizer } from '../../../src/slm/text/tokenizer.ts'
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
    expect(await background.run((own) => own.encode(text))).toEqual(tokenizer.encode(text))
    expect(await background.run((own) => own.encodePrompt(text))).toEqual(tokenizer.encodePrompt(text))
    expect(await background.run((own) => own.encodeChat(messages, { now }))).toEqual(
      tokenizer.encodeChat(messages, { now }),
    )
  })

  test('ends with one token more than are wanted', async () => {
    const tokens = await background.run((own) => own.encode(TEXT.repeat(2_000)), { atMost: 50 })
    expect(tokens).toEqual(tokenizer.encode(TEXT.repeat(2_000)).slice(0, 51))
  })
})

const large = 'word '.repeat(20_000)

function encodeLarge(background: BackgroundTokenizer, signal?: AbortSignal): Promise<readonly number[]> {
  return background.run((tokenizer) => tokenizer.encode(large), { signal })
}

test('a small text is encoded before anything else happens', async () => {
  const { background } = opening('qwen2')
  let isLate = false
  const late = setImmediate().then(() => {
    isLate = true
  })
  await background.run((own) => own.encode('word '.repeat(1_000)))
  expect(isLate).toBe(false)
  await late
})

test('the event loop turns while a large text is encoded', async () => {
  const { background } = opening('qwen2')
  let turns = 0
  let isDone = false
  const encoded = background
    .run((own) => own.encode(' '.repeat(300_000)))
    .finally(() => {
      isDone = true
    })
  while (!isDone) {
    await setImmediate()
    turns++
  }
  await encoded
  expect(turns).toBeGreaterThan(10)
})

test('the event loop turns while many small texts are encoded', async () => {
  const { background, tokenizer } = opening('qwen2')
  const texts = Array.from({ length: 100 }, (_, at) => `${at} `.repeat(500))
  let turns = 0
  let isDone = false
  const encoded = background
    .run((own) => texts.map((text) => own.encode(text)))
    .finally(() => {
      isDone = true
    })
  while (!isDone) {
    await setImmediate()
    turns++
  }
  expect(await encoded).toEqual(texts.map((text) => tokenizer.encode(text)))
  expect(turns).toBeGreaterThan(5)
})

test('work that wants several texts encoded, large and small, has them all', async () => {
  const { background, tokenizer } = opening('sentencepiece')
  const work = (own: typeof tokenizer) => {
    const counted = own.encode(large).length
    return [own.promptStart, own.encode('small'), own.encodePrompt(`${counted}${large}`), own.encode(large)]
  }
  expect(await background.run(work)).toEqual(work(tokenizer))
})

test('work may catch a refusal, of a small text and of a large one', async () => {
  const chatTemplate = "{{ raise_exception('no') }}"
  const { background } = opening('qwen2', { chatTemplate })
  const isRefused = (tokenizer: Pick<Tokenizer, 'encodeChat'>, content: string) => {
    try {
      tokenizer.encodeChat([{ role: 'user', content }])
      return false
    } catch {
      return true
    }
  }
  const work = (own: Tokenizer) => [isRefused(own, 'a'), isRefused(own, large), own.encode(large).length > 0]
  expect(await background.run(work)).toEqual([true, true, true])
})

test('a template’s refusal comes through', async () => {
  const chatTemplate = "{{ raise_exception('no') }}"
  const { background } = opening('qwen2', { chatTemplate })
  await expect(
    background.run((own) => own.encodeChat([{ role: 'user', content: large }])),
  ).rejects.toMatchObject({
    name: 'GatewayError',
    code: 'invalid_request',
    param: 'messages',
  })
})

test('a request that is given up waits no more, and the next one is served', async () => {
  const { background, tokenizer } = opening('qwen2')
  const controller = new AbortController()
  const first = encodeLarge(background)
  const second = encodeLarge(background, controller.signal)
  controller.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await expect(encodeLarge(background, controller.signal)).rejects.toThrow('gone')
  expect(await first).toEqual(tokenizer.encode(large))
  expect(await encodeLarge(background)).toEqual(tokenizer.encode(large))
})

test('a thread that dies refuses what it was at, and the next request has a new one', async () => {
  const source = encoderSource(recordedSource('qwen2'))
  const broken = backgroundTokenizer(createTokenizer(source), { ...source, chatTemplate: '{{' })
  opened.push(broken)
  for (const text of [large, `${large}!`]) {
    await expect(broken.run((own) => own.encode(text))).rejects.toMatchObject({ code: 'local_model_failed' })
  }
})

test('what is still waited for at the end is refused', async () => {
  const { background } = opening('qwen2')
  const waiting = [encodeLarge(background), encodeLarge(background)]
  const refused = Promise.all(
    waiting.map((encoded) => expect(encoded).rejects.toMatchObject({ code: 'shutting_down' })),
  )
  await background.close()
  await refused
})

test('in the foreground, everything is encoded at once', async () => {
  const tokenizer = createTokenizer(recordedSource('qwen2'))
  const foreground = foregroundTokenizer(tokenizer)
  expect(await encodeLarge(foreground)).toEqual(tokenizer.encode(large))
  await foreground.close()
})
