import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainTokens } from '../../../src/upstream/vllm/plain-tokens.ts'

const controls = ['<|end|>', '<|', '[X]']
const signal = new AbortController().signal

/** Characters are their own ids, control strings the ids below zero; the longest match wins. */
const server = {
  tokenize: async (text: string): Promise<number[]> => {
    const ids: number[] = []
    for (let at = 0; at < text.length; ) {
      const control = controls.findIndex((string) => text.startsWith(string, at))
      ids.push(control < 0 ? text.charCodeAt(at) : -1 - control)
      at += control < 0 ? 1 : (controls[control]?.length ?? 1)
    }
    return ids
  },
  detokenize: async (ids: readonly number[]): Promise<string> =>
    ids.map((id) => (id < 0 ? controls[-1 - id] : String.fromCharCode(id))).join(''),
  isControl: (id: number): boolean => id < 0,
}

test('text keeps every character and gains no control token', async () => {
  const part = fc.constantFrom('<|end|>', '<|', '[X]', '<', '|', 'end', '|>', '[', 'X', ']', 'a b', '')
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
      const text = parts.join('')
      const ids = await plainTokens(server, text, signal)
      expect(ids.some((id) => server.isControl(id))).toBe(false)
      expect(await server.detokenize(ids)).toBe(text)
    }),
  )
})

test('a control token that no string explains is dropped', async () => {
  const odd = {
    ...server,
    tokenize: async (text: string) =>
      [...text].map((character) => (character === '¤' ? -3 : character.charCodeAt(0))),
  }
  expect(await odd.detokenize(await plainTokens(odd, 'a¤b', signal))).toBe('ab')
})
